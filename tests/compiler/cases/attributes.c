/* Attributes on functions, parameters, locals, types and labels. */
/* dsu: updates */
#include <stdarg.h>
#include <stdint.h>

#include "case.h"

struct __attribute__((packed)) packed {
	char c;
	int i;
} __attribute__((aligned(2)));

typedef int aligned_int __attribute__((aligned(16)));
static int ready __attribute__((unused));

static void say(const char *f, ...) __attribute__((format(printf, 1, 2), noinline, cold));
static __attribute__((noreturn)) void die(int code);
int fallback(int x) __attribute__((weak));
int __attribute__((weak)) missing(int x);
static int original(int x) __attribute__((used));
int alias(int x) __attribute__((alias("visible_name")));
static __attribute__((const)) int pure_one(int x);

static void say(const char *f, ...)
{
	va_list ap;

	va_start(ap, f);
	hop(1);
	vprintf(f, ap);
	va_end(ap);
}

static void die(int code)
{
	say("leaving with %d\n", hop(code));
	exit(code);
}

int fallback(int x)
{
	return hop(x) + 1;
}

int visible_name(int x)
{
	return hop(x) * 5;
}

static int original(int x __attribute__((unused)))
{
	return hop(2);
}

static int pure_one(int x)
{
	return x + 1;
}

static __attribute__((always_inline)) inline int inlined(int x)
{
	int y = hop(x);

	return y + hop(y);
}

__attribute__((constructor)) static void start(void)
{
	ready = 7;
}

__attribute__((destructor)) static void finish(void)
{
	printf("destructor\n");
	fflush(stdout);
}

static __attribute__((optimize("O0"))) int unoptimised(int x)
{
	int r = hop(x);

	return r;
}

int main(void)
{
	struct packed p = { 'p', hop(5) };
	aligned_int a = hop(6);
	int plain __attribute__((unused)) = 1, n __attribute__((__unused__));
	char buffer[10] __attribute__((nonstring));

	buffer[0] = (char)hop('b');
	switch (hop(1)) {
	case 1:
		hop(1);
		__attribute__((fallthrough));
	default:
		p.i++;
	}
	say("%c %d %d %d %zu\n", p.c, p.i, ready, (int)((uintptr_t)&a % 16), sizeof p);
	say("%d %d %d %d %d %d %c\n", fallback(1), alias(2), original(3), pure_one(4), inlined(5), unoptimised(6), buffer[0]);
	if (missing)
		abort();
	goto out;
out: __attribute__((unused));
	die(hop(3));
}
