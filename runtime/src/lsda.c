/* lsda.c - does a frame have a landing pad where it stands? */
#include <string.h>

#include "internal.h"

/* Pointer encodings of exception tables (DW_EH_PE_*); GCC uses uleb128 call sites for C. */
#define PE_ULEB128 0x01
#define PE_UDATA4  0x03
#define PE_OMIT    0xff

static uintptr_t uleb(const unsigned char **p)
{
	uintptr_t v = 0;
	unsigned shift = 0;
	unsigned char b;

	do {
		b = *(*p)++;
		v |= (uintptr_t)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80);
	return v;
}

static uintptr_t value(unsigned enc, const unsigned char **p)
{
	uint32_t v;

	if (enc == PE_ULEB128)
		return uleb(p);
	memcpy(&v, *p, sizeof v);
	*p += sizeof v;
	return v;
}

/* `ip` lies inside the call instruction. Unknown encodings count as no pad: refusing is safe. */
int dsu_lsda_has_pad(const unsigned char *p, uintptr_t func, uintptr_t ip)
{
	const unsigned char *end;
	unsigned enc;

	if (*p++ != PE_OMIT) /* landing pads relative to something else than the function */
		return 0;
	if (*p++ != PE_OMIT)
		uleb(&p);
	enc = *p++;
	if (enc != PE_ULEB128 && enc != PE_UDATA4)
		return 0;
	end = p;
	{
		uintptr_t len = uleb(&p);

		end = p + len;
	}
	while (p < end) {
		uintptr_t start = value(enc, &p), len = value(enc, &p), pad = value(enc, &p);

		uleb(&p); /* action */
		if (ip < func + start)
			return 0;
		if (ip < func + start + len)
			return pad != 0;
	}
	return 0;
}
