/* Waits in fgets() of libc; what a session is changes. With "inside", its line is part of it. */
#include <pthread.h>

#include "serve.h"

struct session {
#if VERSION > 1
	long first;
#endif
	int lines;
	char inside[100];
};

static pthread_key_t key;
static struct session *kept;
static char outside[100];

static int serve(struct session *s, char *line)
{
	struct session *mine;

	if (!fgets(line, sizeof outside, stdin))
		return 0;
	mine = pthread_getspecific(key);
	answer("%d %.*s %d %d", VERSION, (int)strcspn(line, "\n"), line, ++s->lines, ++mine->lines);
	return 1;
}

static void *run(void *argument)
{
	struct session *s = calloc(1, sizeof *s), *mine = calloc(1, sizeof *mine);

	kept = mine;
	mine->lines = 10;
	pthread_setspecific(key, mine);
	while (serve(s, argument ? s->inside : outside))
		;
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char *where = argc > 1 ? argv[1] : "";

	pthread_key_create(&key, NULL);
	pthread_create(&thread, NULL, run, strcmp(where, "inside") ? NULL : where);
	pthread_join(thread, NULL);
	return 0;
}
