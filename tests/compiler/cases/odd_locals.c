/* register and volatile locals, thread-local and atomic objects, locals that shadow types and names. */
/* dsu: clang leaves atomics untouched */
/* dsu: updates */
#include <stdatomic.h>

#include "case.h"

typedef int word;
struct tag { int a; };
enum colour { RED, GREEN = 5 };

static _Thread_local int mine = 4;
static __thread struct tag tagged = { 3 };
static atomic_int counter;

static NOINLINE int registers(register int n)
{
	register int a = hop(n), b;
	volatile int v = a;
	volatile struct tag t = { hop(2) };
	auto int c = 3;

	for (register int i = 0; i < 3; i++) {
		b = hop(i) + v;
		v += b;
		t.a ^= v + hop(c);
	}
	return a + v * 2 + t.a;
}

static NOINLINE int threads(int n)
{
	static _Thread_local int calls;

	mine += hop(n);
	tagged.a += mine + hop(1);
	return ++calls * 1000 + mine * 10 + tagged.a;
}

static NOINLINE int atomics(int n)
{
	_Atomic long total = 0;
	int old = atomic_fetch_add(&counter, hop(n));
	int expected = old + n;

	total += hop(2);
	total *= hop(3);
	if (atomic_compare_exchange_strong(&counter, &expected, hop(50)))
		__atomic_fetch_or(&mine, hop(64), __ATOMIC_SEQ_CST);
	__sync_fetch_and_add(&tagged.a, hop(1));
	return (int)total + old + expected + counter;
}

static NOINLINE int shadows(int n)
{
	struct tag { long b; char c; } t = { hop(n), 'c' };
	typedef struct { int x, y; } word;
	enum { RED = 7, BLUE };
	word w = { hop(1), RED };

	{
		typedef long word;
		struct tag { word d[2]; } inner = { { hop(5), BLUE } };
		enum colour { RED = 9 } colour = RED;
		int hop_ = hop(colour), n = hop_;

		t.b += inner.d[0] + (long)sizeof(word) + (long)sizeof(inner) + n;
	}
	return (int)t.b * 100 + w.x * 10 + w.y + (int)sizeof(t) + GREEN;
}

static NOINLINE int old(a, b)
	int a;
	char b;
{
	int c = hop(a);

	return c * hop(b);
}

int main(int argc, char **argv, char **envp)
{
	word w = hop(argc);

	printf("%d\n", registers(3));
	printf("%d\n", threads(2));
	printf("%d\n", threads(1));
	printf("%d\n", atomics(5));
	printf("%d\n", shadows(2));
	printf("%d\n", old(6, 7));
	return hop(argv[argc] != NULL) + (envp == NULL) + w;
}
