/* What a thread works on is known by a key alone. */
#include <pthread.h>
#include <semaphore.h>

#include "serve.h"

struct session {
	struct session *before;
	long number;
	char text[8];
};

static pthread_key_t key;
static sem_t go, done;
static int count;

static void tell(const char *line)
{
	struct session *s = pthread_getspecific(key), *next = calloc(1, sizeof *next);

	next->number = ++count;
	next->before = s;
	strcpy(next->text, line);
	pthread_setspecific(key, next);
	answer("new %ld%s %ld%s", next->number, next->text, s->number, s->text);
}

static void begin(const char *name)
{
	struct session *s = calloc(1, sizeof *s);

	strcpy(s->text, name);
	pthread_setspecific(key, s);
}

static void *work(void *unused)
{
	begin("worker");
	for (;;) {
		while (sem_wait(&go))
			;
		tell("w");
		sem_post(&done);
	}
	return unused;
}

int main(void)
{
	pthread_t thread;
	char line[8];

	pthread_key_create(&key, free);
	sem_init(&go, 0, 0);
	sem_init(&done, 0, 0);
	begin("main");
	pthread_create(&thread, NULL, work, NULL);
	while (ask(line, sizeof line)) {
		if (*line != 'w') {
			tell(line);
			continue;
		}
		sem_post(&go);
		while (sem_wait(&done))
			;
	}
	return 0;
}
