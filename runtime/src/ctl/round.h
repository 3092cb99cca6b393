/* round.h - one update, between the files that carry it out. */
#ifndef DSU_ROUND_H
#define DSU_ROUND_H

#include "ctl.h"

#define DSU_FREE_KNOWN 2 /* processes that could finish an update without us */

struct round {
	const struct family *f;
	struct dsu_block *b;
	struct patch *p; /* null: the patch in force is taken back */
	enum how how;
	struct reasons *why;
	uint32_t number;
	int at_once; /* a lone thread that stops takes itself apart */
	int wait[2], notify, arena_fd;
	char *arena; /* to write; it begins with: */
	struct dsu_ledger *l;
	uint64_t arena_bytes;
	double deadline, resent;
	int unasked;     /* threads that the last ask() could not reach */
	double stand;    /* how long those that stand may wait for one that cannot */
	double patience; /* until when that is */
	struct member members[DSU_SLOTS];
	int n;
	uint8_t reported[DSU_SLOTS]; /* has been seen in a state beyond RUNNING */
	double asked, looked;        /* when all were first, and when late_look() did; 0: not yet */
	uint64_t ran[DSU_SLOTS];     /* how long each had run by then, ns */
	int nfree, free_fd[DSU_FREE_KNOWN], free_slot[DSU_FREE_KNOWN]; /* seen in no sandbox */
	int urgent, policy, nice;                                      /* we are; what we were */
	pid_t watchdog;
	double *until; /* shared with it: when it kills us, us; 0: never */
};

/* States (bits) of a stop's round in which nothing of the program runs, and no more is to come. */
#define STANDING (1u << DSU_STOPPED | 1u << DSU_UNROLLED | 1u << DSU_UNMAPPABLE)

/* round.c */
struct round *round_begin(const struct family *f, struct patch *p, struct reasons *why);
int round_stop(struct round *r);
int round_go_back(struct round *r);
void free_slot(const struct round *r, int slot, uint32_t was); /* a dead one's */
void round_end(struct round *r);

/* entries.c: what dsuctl writes and checks in the family's text and arena */
void entries_check(struct round *r, const struct dsu_applied *a);
const char *entries_stay(const struct round *r, const struct dsu_applied *a);
int entries_walk(const struct round *r, const struct dsu_applied *a);
int entries_change(const struct round *r, const struct dsu_applied *a, const struct place *at,
	const int *meant, int n);
int entries_run_code(const struct round *r, const struct dsu_applied *a);
void entries_redirect(struct round *r, const struct dsu_applied *a);

/* watchdog.c */
void watchdog_start(struct round *r);
void watchdog_set(struct round *r, double us);
void watchdog_stop(struct round *r);

/* fetch.c */
void fetch_pages(struct round *r);

/* sandbox.c */
void sandbox_prepare(struct round *r);
void sandbox_look(const struct round *r);
void sandbox_end(struct round *r);

/* urgent.c: from the stop until all go on */
void urgent_begin(struct round *r);
void urgent_end(struct round *r);

/* gather.c: waiting for processes */
double now_us(void);
void sleep_us(double us);
void drain(int fd);
void ask(struct round *r);
int wait_all(struct round *r, unsigned kinds, int asking);
void say_who_is_missing(struct round *r);
void say_who_cannot(struct round *r);

/* late.c */
void late_look(struct round *r, double now);
void say_late(struct round *r, const struct member *m);

/* beneath.c: after the stop; reasons against it */
void say_what_is_beneath(struct round *r, const struct dsu_applied *a);

#endif
