/*
 * decide.c - between unrolled and rebuilt: map, tell, and do what is decided.
 *
 * Runs above the region that the old stack occupied, with the program's signals held. No system
 * call but read and write.
 */
#include <stdio.h>
#include <string.h>

#include "family.h"
#include "fault.h"

extern void __register_frame_info(const void *begin, void *object);

/* What libgcc keeps of registered unwind tables; ours to give, so that nothing is allocated. */
static void *tables[DSU_PATCHES][8];

static const struct dsu_applied *pending(void)
{
	return &dsu_block->patches[dsu_block->npatches];
}

/* A rejected patch may have left its bytes in the pool. */
static void load_data(const struct dsu_applied *a)
{
	if (!a->data_size)
		return;
	memcpy((void *)a->data, (const void *)a->image, a->image_size);
	memset((char *)a->data + a->image_size, 0, a->data_size - a->image_size);
}

static void tell(struct dsu_thread *t, enum dsu_state state)
{
	struct dsu_slot *s = &dsu_block->slots[dsu_slot];

	s->unroll_ticks = t->unroll_ticks;
	s->map_ticks = t->map_ticks;
	dsu_slot_report(state);
}

static void forward(struct dsu_thread *t, unsigned index, struct dsu_record *records)
{
	const struct dsu_applied *a = &dsu_block->patches[index];

	dsu_serialize();
	if (a->eh_frame)
		__register_frame_info((const void *)a->eh_frame, tables[index]);
	t->records = records;
	t->homes = t->new_homes;
	t->low = t->new_low;
	dsu_block->slots[dsu_slot].npatches = index + 1;
}

void dsu_decide(struct dsu_thread *t)
{
	const struct dsu_applied *a = pending();
	unsigned index = (unsigned)(a - dsu_block->patches);
	struct dsu_slot *s = &dsu_block->slots[dsu_slot];
	unsigned long long start = dsu_ticks();
	struct dsu_record *records;
	const char *why, *where;
	int can;
	uint32_t phase;

	load_data(a);
	can = dsu_map(t, (const struct dsu_patch *)a->patch, &records, &why, &where);
	if (!can)
		snprintf(s->why, sizeof s->why, "%s: %s", why, where);
	t->map_ticks = dsu_ticks() - start;
	dsu_fault("unrolled");
	tell(t, can ? DSU_UNROLLED : DSU_UNMAPPABLE);
	phase = dsu_wait_while(1u << DSU_UNROLL | 1u << DSU_COMMIT);
	if (DSU_KIND(phase) == DSU_RESUME)
		forward(t, index, records);
}

/* Everything is rebuilt; from here on the thread runs. */
void dsu_resumed(struct dsu_thread *t)
{
	t->asked = 0;
	dsu_block->slots[dsu_slot].rebuild_ticks = t->rebuild_ticks;
	dsu_slot_report(DSU_RESUMED);
}
