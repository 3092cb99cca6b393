/* Statement expressions that jump, return, loop, hold structs and arrays, wherever one may stand. */
/* dsu: updates */
#include <setjmp.h>

#include "case.h"

#define MAX(a, b) ({ const __typeof__(a) a_ = (a); __typeof__(b) const b_ = (b); a_ > b_ ? a_ : b_; })
#define RETRY(e) ({ long r_; do r_ = (long)(e); while (r_ < 0); r_; })

struct pair {
	int a;
	char text[12];
};

static NOINLINE int constants(const int a, const long *b)
{
	const int c = MAX(hop(a), *b);

	return MAX(MAX(a, hop(c)), ({ __auto_type d = *b; hop((int)d) + d; }));
}

static NOINLINE int returns(int n)
{
	int a = hop(n) + ({ if (n == 2) return hop(-2); n; });

	return a * ({ int b = hop(n); if (b > 3) goto out; b; });
out:
	return hop(-1);
}

static NOINLINE int loops(int n)
{
	int s = 0;

	for (int i = ({ hop(0); }); ({ hop(i); i < n; }); i += ({ hop(1); })) {
		if (i == 1)
			continue;
		do {
			s += ({ if (i == 2) break; hop(i); });
			if (({ s % 2; }))
				continue;
			s += 10;
		} while (({ hop(s); s < 5; }));
		s += ({ int k = 0, t = 0; while (k < 3) { if (k == 1) { k = hop(2); continue; } t += hop(++k); } t; });
	}
	return s;
}

static NOINLINE struct pair make(int n)
{
	return ({ struct pair p = { hop(n), "pair" }; p.text[4] = (char)('0' + n); p; });
}

static NOINLINE int structs(int n)
{
	struct pair p = ({ struct pair q = make(n); q.a += hop(1); q; });

	printf("%s %s ", p.text, ({ make(hop(4)); }).text);
	return p.a + ({ make(n); }).a + ({ int a[3] = { hop(1), hop(2), n }; (int *)(long)0 == a ? 0 : a; })[1];
}

static NOINLINE int conditional(int n)
{
	int a = n > 1 ? ({ int n = hop(5); n; }) : ({ hop(6); });
	int b = n && ({ trace("right", n); }) || ({ trace("last", n); });

	switch (({ hop(a) + n; })) {
	case 7:
		a += ({ switch (b) { case 1: a = hop(20); break; default: a = 3; } a; });
	}
	return (({ hop(a); }), ({ int x = b; int *p = &x; *p += hop(1); x; })) + RETRY(hop(a) - 1) + a;
}

static NOINLINE int jumps(int n)
{
	jmp_buf env;
	volatile int rounds = n;

	if (({ int c = setjmp(env); hop(c); c < 3; }) && ({ hop(rounds); rounds > 0; }))
		longjmp(env, ({ rounds--; hop(2); }));
	return rounds * 10 + (int)sizeof(({ hop(1); (char)2; }));
}

int main(void)
{
	long l = 4;

	printf("%d\n", constants(3, &l));
	printf("%d\n", constants(9, &l));
	printf("%d\n", returns(1));
	printf("%d\n", returns(2));
	printf("%d\n", returns(5));
	printf("%d\n", loops(1));
	printf("%d\n", loops(4));
	printf("%d\n", structs(1));
	printf("%d\n", structs(3));
	printf("%d\n", conditional(0));
	printf("%d\n", conditional(1));
	printf("%d\n", conditional(2));
	printf("%d\n", jumps(0));
	printf("%d\n", jumps(2));
	return 0;
}
