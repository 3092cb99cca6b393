/* frame.c - records of resume variants, whose variables lie in memory: copied by the tables. */
#include <string.h>

#include "internal.h"

/*
 * A resumed frame has no memory of its own that nobody lists, unless it has taken blocks since: then
 * its stack pointer is another. What has been kept of the frame that it goes on for is still all.
 */
static void keep_floor(const struct dsu_resumed *frame, const char *sp)
{
	struct dsu_record *r = dsu_thread.records;

	if (frame->sp == sp && !(frame->func->flags & DSU_KEEPS_ALL))
		r->floor = (char *)(uintptr_t)frame->floor;
}

int dsu_load(struct dsu_resumed *frame)
{
	const struct dsu_record *r = dsu_thread.records;
	const struct dsu_cp *at;
	const char *bytes;

	if (!r)
		dsu_die("a resume variant was called without a record");
	frame->func = r->func;
	frame->sp = __builtin_frame_address(0);
	frame->floor = r->floor;
	bytes = dsu_pop(frame->func, &frame->cp);
	at = dsu_cp_of(frame->func, frame->cp);
	for (unsigned i = 0; i < at->nlive; i++) {
		unsigned v = dsu_live_at(frame->func, at, i);
		unsigned size = dsu_kept(dsu_var_of(frame->func, v));

		memcpy(frame->vars[v], bytes, size);
		bytes += size;
	}
	return frame->cp;
}

void dsu_save(struct dsu_resumed *frame)
{
	const struct dsu_cp *at = dsu_cp_of(frame->func, frame->cp);
	char *bytes = frame->done ? NULL : dsu_push(frame->func, frame->cp);

	if (!bytes)
		return;
	keep_floor(frame, __builtin_frame_address(0));
	for (unsigned i = 0; i < at->nlive; i++) {
		unsigned v = dsu_live_at(frame->func, at, i);
		unsigned size = dsu_kept(dsu_var_of(frame->func, v));

		memcpy(bytes, frame->vars[v], size);
		bytes += size;
	}
}
