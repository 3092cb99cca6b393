/* sysw_specific.c - keys of thread-specific values as compiled programs make them. */
#include <limits.h>
#include <pthread.h>
#include <threads.h>

#include "specific.h"

extern DSU_EXPORT __typeof__(pthread_key_create) dsu_sys_pthread_key_create;
extern DSU_EXPORT __typeof__(pthread_key_delete) dsu_sys_pthread_key_delete;
extern DSU_EXPORT __typeof__(tss_create) dsu_sys_tss_create;
extern DSU_EXPORT __typeof__(tss_delete) dsu_sys_tss_delete;

_Static_assert(sizeof(tss_t) == sizeof(pthread_key_t), "a tss_t is a pthread_key_t");

static DSU_TOUCHED uint64_t keys[PTHREAD_KEYS_MAX / 64];

static void note(unsigned key)
{
	__atomic_or_fetch(&keys[key / 64], 1UL << key % 64, __ATOMIC_RELAXED);
}

static void forget(unsigned key)
{
	if (key < PTHREAD_KEYS_MAX)
		__atomic_and_fetch(&keys[key / 64], ~(1UL << key % 64), __ATOMIC_RELAXED);
}

int dsu_sys_pthread_key_create(pthread_key_t *key, void (*end)(void *))
{
	int r = pthread_key_create(key, end);

	if (!r)
		note(*key);
	return r;
}

int dsu_sys_pthread_key_delete(pthread_key_t key)
{
	forget(key);
	return pthread_key_delete(key);
}

int dsu_sys_tss_create(tss_t *key, tss_dtor_t end)
{
	int r = tss_create(key, end);

	if (r == thrd_success)
		note(*key);
	return r;
}

void dsu_sys_tss_delete(tss_t key)
{
	forget(key);
	tss_delete(key);
}

void dsu_specifics_look(struct dsu_thread *t)
{
	size_t n = 0;

	t->nspecifics = 0;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		n += (size_t)__builtin_popcountl(keys[i]);
	if (!n)
		return;
	t->specifics = dsu_scratch(t, n * sizeof *t->specifics);
	for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
		for (uint64_t left = keys[i]; left; left &= left - 1) {
			unsigned key = 64 * i + (unsigned)__builtin_ctzl(left);
			void *value = pthread_getspecific(key);

			if (value)
				t->specifics[t->nspecifics++] =
					(struct dsu_specific){key, value, value};
		}
}

void dsu_specifics_commit(struct dsu_thread *t)
{
	for (unsigned i = 0; i < t->nspecifics; i++)
		if (t->specifics[i].to != t->specifics[i].value)
			pthread_setspecific(t->specifics[i].key, t->specifics[i].to);
}
