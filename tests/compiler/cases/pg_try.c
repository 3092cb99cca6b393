/* PG_TRY-like macros: nested, rethrown, with volatile locals, a stack of buffers kept in a global. */
/* dsu: updates */
#include <setjmp.h>

#include "case.h"

static sigjmp_buf *handler;
static int code;

#define TRY() \
	do { \
		sigjmp_buf *saved = handler; \
		sigjmp_buf local; \
		if (sigsetjmp(local, 0) == 0) { \
			handler = &local
#define CATCH() \
		} else { \
			handler = saved
#define END_TRY() \
		} \
		handler = saved; \
	} while (0)

static NOINLINE __attribute__((noreturn)) void throw(int c)
{
	code = hop(c);
	siglongjmp(*handler, 1);
}

static NOINLINE int risky(int n)
{
	volatile int stage = 0;

	TRY();
	{
		stage = stage + step(1);
		hop(n);
		if (n == 1)
			throw(10);
		stage = stage + hop(10);
	}
	CATCH();
	{
		stage = stage + hop(100);
		if (code > 20)
			throw(code + 1);
	}
	END_TRY();
	hop(n);
	return stage;
}

static NOINLINE int nested(int n)
{
	volatile int path = 0;

	TRY();
	{
		TRY();
		{
			path = path + risky(n);
			if (n == 2)
				throw(21);
			path = path + 1000;
		}
		CATCH();
		{
			path = path + hop(2000);
			throw(code + 5);
		}
		END_TRY();
		path = path + hop(10000);
	}
	CATCH();
	{
		path = path + hop(code);
	}
	END_TRY();
	return path;
}

int main(void)
{
	for (int i = 0; i < 4; i++)
		printf("%d ", nested(i));
	printf("%d\n", handler == NULL);
	return 0;
}
