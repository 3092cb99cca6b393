/* audit.h - the log of what was done to programs. */
#ifndef DSU_AUDIT_H
#define DSU_AUDIT_H

#include "ctl.h"

struct audit {
	const char *command, *file;                /* the patch's, or null */
	const uint8_t *patch, *signer, *from, *to; /* digest and versions; null: not known */
	int fd;                                    /* -1: there is none */
	int must;                                  /* its place was asked for */
};

int audit_open(struct audit *a, struct reasons *why);
int audit_say(
	const struct audit *a, const struct family *f, const char *outcome, struct reasons *why);
void audit_close(struct audit *a);

#endif
