/*
 * sysw_timer.c - timers as compiled programs make them.
 *
 * The kernel (or libc, for one that calls a function) keeps what the program wants back when a timer
 * ends, often the address of an object. No call changes it: while a timer has the address of an object
 * that would move, the update is refused.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "timers.h"
#include "xform_in.h"

extern DSU_EXPORT __typeof__(timer_create) dsu_sys_timer_create;
extern DSU_EXPORT __typeof__(timer_delete) dsu_sys_timer_delete;

struct timer {
	struct timer *next;
	timer_t id;
	char *value;
};

/* Nobody stops while holding the lock: of stopped threads the list is read without it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static DSU_TOUCHED struct timer *timers;

static struct timer *note(timer_t id, char *value)
{
	struct timer *t = malloc(sizeof *t);

	if (!t)
		return NULL;
	t->id = id;
	t->value = value;
	pthread_mutex_lock(&lock);
	t->next = timers;
	timers = t;
	pthread_mutex_unlock(&lock);
	return t;
}

int dsu_sys_timer_create(clockid_t clock, struct sigevent *restrict ev, timer_t *restrict id)
{
	int r = timer_create(clock, ev, id);

	if (r || !ev || ev->sigev_notify == SIGEV_NONE || !ev->sigev_value.sival_ptr)
		return r;
	if (note(*id, ev->sigev_value.sival_ptr))
		return 0;
	timer_delete(*id);
	errno = EAGAIN;
	return -1;
}

int dsu_sys_timer_delete(timer_t id)
{
	struct timer *gone = NULL;

	pthread_mutex_lock(&lock);
	for (struct timer **at = &timers; *at; at = &(*at)->next)
		if ((*at)->id == id) {
			gone = *at;
			*at = gone->next;
			break;
		}
	pthread_mutex_unlock(&lock);
	free(gone);
	return timer_delete(id);
}

/* A child has none of its parent's timers. */
void dsu_timers_forked(void)
{
	pthread_mutex_init(&lock, NULL);
	timers = NULL;
}

int dsu_timers_allow(void)
{
	static const struct dsu_part value = {
		.kind = DSU_POINTER, .name = "timer_create()", .of = "void"};

	for (const struct timer *t = timers; t; t = t->next) {
		char *to;

		if (!dsu_new_address(&value, t->value, &to))
			return 0;
		if (to != t->value)
			return dsu_xform_fail("a timer has the address of an object that moves, "
					      "until it is deleted",
				"timer_create()", NULL);
	}
	return 1;
}
