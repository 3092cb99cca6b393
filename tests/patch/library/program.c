#include <pthread.h>

#include "serve.h"
#include "waits.h"

#if VERSION > 1
static int asked;
#endif
static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

/* Its locals live across the library's call; the line's home is on the stack. */
static int serve(int (*each)(int))
{
	char line[100], *at = line;
	long a = 3 * VERSION, b, n = waits_line(line, sizeof line, 2.0, each);

#if VERSION > 1
	asked++;
#endif
	if (n < 0)
		return 0;
	b = a;
	answer("%d %s %ld %ld", VERSION, at, n, b);
	return strcmp(line, "end") != 0;
}

static void *run(void *each)
{
	while (serve((int (*)(int))each))
		;
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int (*each)(int) = argc > 1 && !strcmp(argv[1], "calls-back") ? lower : NULL;

	if (argc > 1 && !strcmp(argv[1], "thread")) {
		pthread_create(&thread, NULL, run, NULL);
		pthread_join(thread, NULL);
	} else
		run((void *)each);
	return 0;
}
