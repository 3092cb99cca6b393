/* frame.c - records of resume variants, whose variables lie in memory: copied by the tables. */
#include <string.h>

#include "internal.h"

static unsigned kept(const struct dsu_var *v)
{
	return v->flags & DSU_PINNED ? (unsigned)sizeof(void *) : v->size;
}

int dsu_load(struct dsu_resumed *frame)
{
	const struct dsu_record *r = dsu_thread.records;
	const struct dsu_cp *at;
	const char *bytes;

	if (!r)
		dsu_die("a resume variant was called without a record");
	frame->func = r->func;
	bytes = dsu_pop(frame->func, &frame->cp);
	at = &frame->func->cps[frame->cp];
	for (unsigned i = 0; i < at->nlive; i++) {
		unsigned size = kept(&frame->func->vars[at->live[i]]);

		memcpy(frame->vars[at->live[i]], bytes, size);
		bytes += size;
	}
	return frame->cp;
}

void dsu_save(struct dsu_resumed *frame)
{
	const struct dsu_cp *at = &frame->func->cps[frame->cp];
	char *bytes = frame->done ? NULL : dsu_push(frame->func, frame->cp);

	if (!bytes)
		return;
	for (unsigned i = 0; i < at->nlive; i++) {
		unsigned size = kept(&frame->func->vars[at->live[i]]);

		memcpy(bytes, frame->vars[at->live[i]], size);
		bytes += size;
	}
}
