/* sha256.c - FIPS 180-4. */
#include <string.h>

#include "ctl.h"

/* The first 32 bits of the fractions of the cube roots of the first 64 primes, reckoned at start. */
static uint32_t k[64], h0[8];

static int prime(unsigned n)
{
	for (unsigned d = 2; d * d <= n; d++)
		if (n % d == 0)
			return 0;
	return 1;
}

/* floor(2^32 * n^(1/root)), low 32 bits: the integer root of n * 2^(32 * root), by bisection. */
static uint32_t fraction(unsigned n, int root)
{
	unsigned __int128 target = (unsigned __int128)n << (32 * root);
	uint64_t low = 0, high = 1ULL << 37;

	while (high - low > 1) {
		uint64_t mid = low + (high - low) / 2;
		unsigned __int128 power = (unsigned __int128)mid * mid;

		if (root == 3)
			power *= mid;
		if (power <= target)
			low = mid;
		else
			high = mid;
	}
	return (uint32_t)low;
}

static void constants(void)
{
	for (unsigned n = 2, i = 0; i < 64; n++)
		if (prime(n)) {
			k[i] = fraction(n, 3);
			if (i < 8)
				h0[i] = fraction(n, 2);
			i++;
		}
}

static uint32_t ror(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static void block(uint32_t h[8], const uint8_t *p)
{
	uint32_t w[64], v[8];

	for (int i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	for (int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + (ror(a, 7) ^ ror(a, 18) ^ a >> 3) + w[i - 7] +
		       (ror(b, 17) ^ ror(b, 19) ^ b >> 10);
	}
	memcpy(v, h, sizeof v);
	for (int i = 0; i < 64; i++) {
		uint32_t e = v[4], a = v[0];
		uint32_t t1 = v[7] + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) +
			      ((e & v[5]) ^ (~e & v[6])) + k[i] + w[i];
		uint32_t t2 = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) +
			      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof *v);
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		h[i] += v[i];
}

void sha256(const void *bytes, size_t n, uint8_t digest[32])
{
	const uint8_t *p = bytes;
	uint8_t last[128] = {0};
	size_t rest = n % 64, tail = rest < 56 ? 64 : 128;
	uint32_t h[8];

	if (!k[0])
		constants();
	memcpy(h, h0, sizeof h);
	for (size_t i = 0; i + 64 <= n; i += 64)
		block(h, p + i);
	memcpy(last, p + n - rest, rest);
	last[rest] = 0x80;
	for (int i = 0; i < 8; i++)
		last[tail - 1 - (size_t)i] = (uint8_t)((uint64_t)n * 8 >> (8 * i));
	block(h, last);
	if (tail == 128)
		block(h, last + 64);
	for (int i = 0; i < 32; i++)
		digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}
