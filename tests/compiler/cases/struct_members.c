/* Structs whose address nobody takes are moved as values; with an array inside, or seen, they stay. */
/* dsu: updates */
#include "case.h"

struct list {
	int n;
	const int *first;
};
typedef struct {
	const struct list *l;
	int i;
} walk;
union either {
	int i;
	float f;
};
struct nested {
	walk w;
	union either e;
	unsigned bits : 3;
};
struct fixed {
	const int a;
	int b;
};
struct named {
	char name[8];
	int n;
};
struct holds {
	struct named n;
};
typedef int pair[2];
struct typed {
	pair p;
};

static NOINLINE int summed(const struct list *l)
{
	int sum = 0;

	for (walk w = {l, 0}; w.i < w.l->n; w.i++)
		sum += hop(w.l->first[w.i]);
	return sum;
}

static NOINLINE struct nested turned(struct nested by, int n)
{
	struct nested out = {0}, was;

	for (int i = 0; i < n; i++) {
		struct nested fresh = {0};
		struct fixed f = {hop(i), 2};

		was = out;
		fresh.w.i += i;
		out = by;
		out.w.i = was.w.i + hop(fresh.w.i) + f.a * f.b;
		out.bits = was.bits + 1;
	}
	out.e.f = hop(3) / 2.0f;
	return out;
}

static NOINLINE int stays(void)
{
	struct named n = {"name", 3};
	struct holds h = {{"held", 4}};
	struct typed t = {{5, 6}};
	const char *name = n.name, *held = h.n.name;
	int *p = t.p, sum = 0;

	for (int i = 0; i < 3; i++) {
		sum += hop(n.n + h.n.n + p[1]);
		p[1]++;
	}
	printf("%s %s %d\n", name, held, t.p[1]);
	return sum;
}

static NOINLINE int seen(void)
{
	struct fixed f = {1, 2};
	int *b = &f.b;

	hop(0);
	++*b;
	hop(0);
	return f.b + f.a;
}

static NOINLINE int local_types(int n)
{
	struct list {
		long n;
	} l = {n};
	typedef struct {
		long m;
	} walk;
	walk w = {hop(2)};

	l.n += hop((int)w.m);
	w.m += hop((int)l.n);
	return (int)(l.n + w.m);
}

int main(void)
{
	static const int numbers[] = {3, 1, 4, 1, 5};
	struct list l = {5, numbers};
	struct nested by = {{&l, 7}, {1}, 5}, got;

	printf("%d\n", summed(&l));
	got = turned(by, 4);
	printf("%d %d %.1f %u\n", got.w.i, got.w.l->n, got.e.f, got.bits);
	printf("%d %d %d\n", stays(), seen(), local_types(5));
	return 0;
}
