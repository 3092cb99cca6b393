/*
 * selfupdate.c - recursion, a pinned struct reached through a global, a comparator called by
 * qsort(). Prints a checksum that must not depend on where it updates itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "emitted.h"

struct acc {
	long sum;
	struct acc *self;
	char pad[200];
};
static struct acc *shared;

static int work_resume(void);
static int compare_resume(void);
static int main_resume(void);

/* ---- int work(int n, struct acc *up): recursion with a pinned local ---- */

static const struct table work_table = {TABLE(1, 4, 3),
	.vars = {VAR(0, 4, 0), VAR(1, 8, 0), VAR(2, sizeof(struct acc), DSU_PINNED), VAR(3, 4, 0)},
	.cps = {{0}, LIVE(4), LIVE(4)}, .names = {"selfupdate.c$work", "n", "up", "a", "s"}};
RESUMED_BY(work_table, work_resume);

__attribute__((noinline)) static int work(int n, struct acc *up)
{
	struct acc a;
	int s = 0, t;
	struct ctx c SAVED = {.d = &work_table.func, .p = {&n, &up, &a, &s}};

	a.sum = n;
	a.self = &a;
	shared = &a;
	c.cp = 1;
	POINT();
	shared->sum += up ? up->sum : 0;
	if (n > 0) {
		c.cp = 2;
		t = work(n - 1, &a);
		s += t;
	}
	if (a.self != &a || (up && up->self != up))
		abort();
	s += (int)(a.sum % 1000);
	if (up)
		up->sum += a.sum;
	c.done = 1;
	return s;
}

static int work_resume(void)
{
	int cp, n, s, t;
	struct acc *up, *a;
	const char *r = dsu_pop(&work_table.func, &cp);

	TAKE(r, n);
	TAKE(r, up);
	TAKE(r, a);
	TAKE(r, s);
	{
		struct ctx c SAVED = {.d = &work_table.func, .p = {&n, &up, a, &s}};

		switch (cp) {
		case 1:
			goto l1;
		case 2:
			goto l2;
		}
		abort();
	l1:
		shared->sum += up ? up->sum : 0;
		if (n > 0) {
			c.cp = 2;
			t = work(n - 1, a);
			goto got;
		l2:
			c.cp = 2;
			t = ((int (*)(void *const *))dsu_next())(NULL);
		got:
			s += t;
		}
		if (a->self != a || (up && up->self != up))
			abort();
		s += (int)(a->sum % 1000);
		if (up)
			up->sum += a->sum;
		c.done = 1;
		return s;
	}
}

/* ---- int compare(const void *, const void *): its caller is not instrumented ---- */

static const struct table compare_table = {TABLE(2, 2, 2),
	.vars = {VAR(0, 8, 0), VAR(1, 8, 0)}, .cps = {{0}, LIVE(2)},
	.names = {"selfupdate.c$compare", "a", "b"}};
RESUMED_BY(compare_table, compare_resume);

static int compare(const void *a, const void *b)
{
	struct ctx c SAVED = {.d = &compare_table.func, .p = {&a, &b}};

	c.cp = 1;
	POINT();
	c.done = 1;
	return *(const int *)a - *(const int *)b;
}

static int compare_resume(void)
{
	abort(); /* qsort() is never unrolled */
}

/* ---- main ---- */

static const struct table main_table = {TABLE(3, 4, 4),
	.vars = {VAR(0, 4, 0), VAR(1, 8, 0), VAR(2, 40, DSU_PINNED), VAR(3, 4, 0)},
	.cps = {{0}, LIVE(4), LIVE(4), LIVE(4)}, .names = {"main", "i", "sum", "v", "rounds"}};
RESUMED_BY(main_table, main_resume);

static void fill(int *v, int i)
{
	for (int k = 0; k < 10; k++)
		v[k] = (i * 7 + k * 13) % 31;
}

static int real_main(int argc, char **argv, char **envp)
{
	int i, t, v[10], rounds = argc > 1 ? atoi(argv[1]) : 20;
	long sum = 0;
	struct ctx c SAVED = {.d = &main_table.func, .p = {&i, &sum, v, &rounds}};

	(void)envp;
	for (i = 0; i < rounds; i++) {
		c.cp = 1;
		t = work(i % 7, NULL);
		sum = sum * 31 % 1000003 + t;
		fill(v, i);
		qsort(v, 10, sizeof *v, compare);
		sum += v[i % 10];
		c.cp = 3;
		POINT();
	}
	printf("%ld\n", sum);
	c.done = 1;
	return 0;
}

static int main_resume(void)
{
	int cp, i, rounds, t, *v;
	long sum;
	const char *r = dsu_pop(&main_table.func, &cp);

	TAKE(r, i);
	TAKE(r, sum);
	TAKE(r, v);
	TAKE(r, rounds);
	{
		struct ctx c SAVED = {.d = &main_table.func, .p = {&i, &sum, v, &rounds}};

		switch (cp) {
		case 1:
			goto l1;
		case 3:
			goto l3;
		}
		abort();
		for (; i < rounds; i++) {
			c.cp = 1;
			t = work(i % 7, NULL);
			goto got;
		l1:
			c.cp = 1;
			t = ((int (*)(void *const *))dsu_next())(NULL);
		got:
			sum = sum * 31 % 1000003 + t;
			fill(v, i);
			qsort(v, 10, sizeof *v, compare);
			sum += v[i % 10];
			c.cp = 3;
			POINT();
		l3:;
		}
		printf("%ld\n", sum);
		c.done = 1;
		return 0;
	}
}

int main(int argc, char **argv, char **envp)
{
	return dsu_run_main(real_main, argc, argv, envp, 0);
}
