/*
 * trust.c - a program that was started with DSU_TRUST takes no patch but those that are signed.
 *
 * dsuctl looks, since the processes see a patch only as it is linked for them. What this is worth is
 * told in docs/threat-model.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#ifdef DSU_SODIUM
# include <sodium.h>
#endif

#include "ctl.h"

#define SIGNATURE 64 /* bytes */

static int read_signature(uint8_t to[SIGNATURE], const char *patch, struct reasons *why)
{
	char path[4096], more;
	ssize_t n = -1;
	int fd;

	if (snprintf(path, sizeof path, "%s.sig", patch) >= (int)sizeof path) {
		because(why, "%s: too long a name", patch);
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0)
		n = read(fd, to, SIGNATURE);
	if (n < 0)
		because(why, "the program takes signed patches only; %s: %s", path,
			strerror(errno));
	else if (n != SIGNATURE || read(fd, &more, 1) != 0)
		because(why, "%s: not a signature", path);
	if (fd >= 0)
		close(fd);
	return !why->len;
}

static int verifies(const struct patch *p, const uint8_t signature[SIGNATURE],
	const uint8_t key[32], struct reasons *why)
{
#ifdef DSU_SODIUM
	(void)why;
	return sodium_init() >= 0 && !crypto_sign_verify_detached(signature,
					     (const uint8_t *)p->file, p->whole_size, key);
#else
	(void)p, (void)signature, (void)key;
	if (!why->len)
		because(why,
			"this dsuctl was built without libsodium and cannot look at signatures");
	return 0;
#endif
}

/* 1: it may come in; `by` is whose it is, if the program cares. */
int trust_check(const struct patch *p, const char *path, const struct family *f, uint8_t by[32],
	struct reasons *why)
{
	uint8_t signature[SIGNATURE];
	const struct dsu_trust *t = &f->ledger->trust;

	if (!t->pinned)
		return 1;
	if (!t->nkeys) {
		because(why, "the program could not read its DSU_TRUST when it started, and takes "
			     "no patch");
		return 0;
	}
	if (!read_signature(signature, path, why))
		return 0;
	for (unsigned i = 0; i < t->nkeys; i++)
		if (verifies(p, signature, t->keys[i], why)) {
			memcpy(by, t->keys[i], 32);
			return 1;
		}
	if (!why->len)
		because(why, "%s: not signed by a key that the program trusts", path);
	return 0;
}
