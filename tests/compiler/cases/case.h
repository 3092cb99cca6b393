/* case.h - what most cases share: calls that contain an update point. */
#ifndef CASE_H
#define CASE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsu.h"

#define NOINLINE __attribute__((noinline))
#define MAYBE __attribute__((unused))

/* Gives its argument back, with an update point on the way; may be inlined. */
static MAYBE int step(int x)
{
	DSU_UPDATE_POINT();
	return x;
}

/* The same, never inlined. */
static MAYBE NOINLINE int hop(int x)
{
	int kept = x * 3;

	DSU_UPDATE_POINT();
	return kept / 3;
}

/* The same, and it says in which order it was called. */
static MAYBE NOINLINE int trace(const char *name, int x)
{
	DSU_UPDATE_POINT();
	printf("[%s]", name);
	return x;
}

static MAYBE NOINLINE long long_hop(long x)
{
	DSU_UPDATE_POINT();
	return x;
}

static MAYBE NOINLINE double double_hop(double x)
{
	DSU_UPDATE_POINT();
	return x;
}

static MAYBE NOINLINE void *pointer_hop(void *p)
{
	DSU_UPDATE_POINT();
	return p;
}

#endif
