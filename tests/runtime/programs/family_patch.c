/*
 * family_patch.c - a patch for family.c, as the generator would write it: another reply() with a
 * new global and a libc function that the program never used, and serve() in a new version,
 * active in every process. Also the next patch in a chain (REPLY "third").
 *
 * FROM and TO: build-ids as initialisers. OLD_DIGEST: of the serve() that is replaced. CRASH: the
 * first letter of a request that the new version does not survive.
 */
#include <string.h>

#include "serve.h"

#ifndef REPLY
# define REPLY "new"
#endif
#ifndef OLD_DIGEST
# define OLD_DIGEST 11
#endif
#ifndef SERVE_CP
# define SERVE_CP 1
#endif

/* Old entries keep their names in the program; new bodies have names of their own. */
extern int serve(int fd);

/* The way back: the version before this one. */
#ifndef WAS_DESC
# define WAS_DESC "serve_table"
#endif
extern const struct dsu_func was_serve __asm__(DSU_WAS WAS_DESC);

static int replies = 40;
static int pad[3000]; /* .bss */

static void reply2(int fd, int count, const char *asked)
{
	char text[160];
	char *to = stpcpy(text, REPLY " ");

	*to++ = (char)('0' + count / 10 % 10);
	*to++ = (char)('0' + count % 10);
	*to++ = ' ';
	replies++;
	pad[replies]++;
	*to++ = (char)('0' + replies / 10 % 10);
	*to++ = (char)('0' + (replies + pad[replies] - 1) % 10);
	*to++ = ' ';
	memcpy(to, asked, (size_t)((char *)rawmemchr(asked, '\n') - asked));
	to += (size_t)((char *)rawmemchr(asked, '\n') - asked);
	*to++ = '\n';
#ifdef CRASH
	if (*asked == CRASH)
		__builtin_trap();
#endif
	if (write(fd, text, (size_t)(to - text)) < 0)
		_exit(9);
}

/* Patches know a distance within themselves, and the probe a name that others could have. */
static int resumed(void);
extern int serve2_resume(void) __attribute__((alias("resumed")));
const struct table serve2_table = SERVE_TABLE(OLD_DIGEST + 1);
RESUMED_BY(serve2_table, resumed);

static int serve2(int fd)
{
	int count = 0;
	char buf[64];
	ssize_t n;
	struct ctx c SAVED = {.d = &serve2_table.func, .p = {&fd, &count, buf}};

	SERVE_BODY(l1)
	goto l1;
}

static int resumed(void)
{
	int cp, fd, count;
	char *buf;
	ssize_t n;
	const char *r = dsu_pop(&serve2_table.func, &cp);

	TAKE(r, fd);
	TAKE(r, count);
	TAKE(r, buf);
	{
		struct ctx c SAVED = {.d = &serve2_table.func, .p = {&fd, &count, buf}};

		c.cp = 1;
		goto l1;
		SERVE_BODY(l1)
	}
}

static const struct dsu_redirect redirects[] = {
	{(void *)reply, (void *)reply2},
	{(void *)serve, (void *)serve2},
};
static const short serve_points[] = {-1, SERVE_CP};
static const struct dsu_framemap maps[] = {
	{"serve", OLD_DIGEST, &serve2_table.func, 2, serve_points},
};

static const struct dsu_framemap back[] = {
	{"serve", OLD_DIGEST + 1, &was_serve, 2, serve_points},
};

/* The same frame by a chain of one; the numbers are those that a test sets wrong. */
#ifdef NFROM
# ifndef LINK_REPEATS
#  define LINK_REPEATS 0
# endif
# ifndef VALUE_LINK
#  define VALUE_LINK 0
# endif
# ifndef VALUE_HOW
#  define VALUE_HOW DSU_MOVED
# endif
# ifndef VALUE_NAME
#  define VALUE_NAME "count"
# endif
# ifndef HOME_FRAME
#  define HOME_FRAME 0
# endif
# ifndef STEP_CP
#  define STEP_CP SERVE_CP
# endif
static const struct dsu_link links[] = {{"serve", OLD_DIGEST, SERVE_CP, LINK_REPEATS}};
static const struct dsu_value values[] = {
	{VALUE_NAME, VALUE_LINK, VALUE_HOW, "count", NULL},
	{"fd", 0, DSU_MOVED, "fd", NULL},
	{"buf", 0, DSU_MOVED, "buf", NULL},
};
static const struct dsu_step steps[] = {{&serve2_table.func, STEP_CP, LEN(values), values, NULL}};
static const struct dsu_framevar homes[] = {{HOME_FRAME, "buf"}};
static const struct dsu_chain chains[] = {{NFROM, 1, 0, 1, links, steps, NULL, homes}};
#endif

const struct dsu_patch dsu_patch = {
	.abi = DSU_ABI,
	.nredirects = 2,
	.nmaps = 1,
	.from = FROM,
	.to = TO,
	.redirects = redirects,
	.maps = maps,
	.back = back,
	.nback = LEN(back),
#ifdef NFROM
	.chains = chains,
	.nchains = LEN(chains),
#endif
#ifdef STAYS
	.stays = STAYS,
#endif
};
