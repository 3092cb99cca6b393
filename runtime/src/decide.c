/*
 * decide.c - between unrolled and rebuilt: map, tell, and do what is decided.
 *
 * Runs above the region that the old stack occupied, with the program's signals held. No system
 * call but read and write, and futex where there are several threads. What is the process's and not
 * a thread's is done by the last of its threads to come, while all others wait.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "family.h"
#include "fault.h"
#include "hook.h"
#include "specific.h"
#include "trap.h"
#include "xform.h"

extern void __register_frame_info(const void *begin, void *object);

static DSU_TOUCHED unsigned
	taken_over; /* 1 + index of the patch that this process has taken over, or 0 */

/* A rejected patch may have left its bytes in the pool. */
static void load_data(const struct dsu_applied *a)
{
	if (!a->data_size)
		return;
	memcpy((void *)a->data, (const void *)a->image, a->image_size);
	memset((char *)a->data + a->image_size, 0, a->data_size - a->image_size);
}

/* What the update at hand says of frames: a patch, or the way back that it carries. */
static struct dsu_patch at_hand(const struct dsu_ledger *b)
{
	struct dsu_patch p = *(const struct dsu_patch *)b->patches[b->hand].patch;

	if (b->reverting) {
		p.maps = p.back;
		p.nmaps = p.nback;
		p.chains = p.chains_back;
		p.nchains = p.nchains_back;
		p.types = p.types_back;
	}
	return p;
}

static void say_why(const struct dsu_thread *t)
{
	struct dsu_slot *s = &dsu_block->slots[t->slot];

	snprintf(s->why, sizeof s->why, "%s: %s", t->why, t->where);
}

static void map_thread(struct dsu_thread *t, const struct dsu_patch *p)
{
	struct dsu_slot *s = &dsu_block->slots[t->slot];

	if (!dsu_map(t, p, &t->mapped, &t->why, &t->where))
		say_why(t);
	s->unroll_ticks = t->unroll_ticks;
	s->map_ticks = 0;
}

static int fails(int fault)
{
	if (fault) {
		dsu_xform_why = fault == DSU_FAULT_NOMEM ? "no memory" : "a fault";
		snprintf(dsu_xform_where, sizeof dsu_xform_where, "in a test");
	}
	return fault;
}

static DSU_TOUCHED uint32_t
	mapped; /* the last round in which all of the process's frames had a counterpart */

/*
 * The block says what it likes. An update is what dsuctl has written down for this very round, and
 * names of libraries that it had to ask for mean what they mean here, whoever gave the answers.
 */
static const char *mistrusts(uint32_t round, const char **where)
{
	const struct dsu_ledger *l = dsu_ledger;

	*where = "in this round";
	if (l->announced != round)
		return "no update was announced";
	for (unsigned i = 0; i < l->nresolved; i++) {
		*where = &l->names[l->resolved[i].name];
		if (l->resolved[i].value &&
			l->resolved[i].value != (uint64_t)dlsym(RTLD_DEFAULT, *where))
			return "the patch was linked to another symbol than this process has";
	}
	return NULL;
}

struct mapping {
	struct dsu_thread *last;
	struct dsu_patch p;
	int failed; /* for the reason in dsu_xform_why */
};

static int has_code(const struct dsu_patch *p)
{
	return p->types.walks || p->nchains ||
	       (!dsu_ledger->reverting && ((p->hooks && *p->hooks) || (p->files && *p->files)));
}

/* The patch's own code runs in here. */
static void map_all(void *data)
{
	struct mapping *m = data;
	int all = 1;

	m->failed = 1;
	if (fails(dsu_fault(process, mapping)) || !dsu_xform_begin(m->last, &m->p))
		return;
	for (struct dsu_thread *t = dsu_threads; t; t = t->next)
		map_thread(t, &m->p);
	for (const struct dsu_thread *t = dsu_threads; t; t = t->next)
		all &= !t->why;
	m->failed = all && !(dsu_xform_run() && !fails(dsu_fault(process, converted)) &&
				   (dsu_ledger->reverting ||
					   (dsu_hooks_prepare(&m->p) && dsu_files_prepare(&m->p))));
}

static void map_threads(struct dsu_thread *last)
{
	struct mapping m = {last, at_hand(dsu_ledger), 0};
	int trapped;

	if (!dsu_ledger->reverting) {
		load_data(&dsu_ledger->patches[dsu_ledger->hand]);
		for (struct dsu_thread *t = dsu_threads; t; t = t->next)
			dsu_thread_part_begin(t, &dsu_ledger->patches[dsu_ledger->hand]);
	}
	trapped = dsu_trap(map_all, &m, has_code(&m.p) && !dsu_block->slots[dsu_slot].sandboxed);
	if (trapped)
		dsu_xform_trapped(dsu_trap_name(trapped));
	if (trapped || m.failed) {
		last->why = dsu_xform_why;
		last->where = dsu_xform_where;
		say_why(last);
	}
}

/* All of its threads are records. */
static void map_process(struct dsu_thread *last)
{
	unsigned long long start = dsu_ticks();
	int all = 1;

	for (struct dsu_thread *t = dsu_threads; t; t = t->next)
		t->why = NULL;
	last->why = mistrusts(last->round, &last->where);
	if (last->why)
		say_why(last);
	else
		map_threads(last);
	for (const struct dsu_thread *t = dsu_threads; t; t = t->next)
		all &= !t->why;
	DSU_STORE(&mapped, all ? last->round : 0);
	dsu_block->slots[last->slot].map_ticks = dsu_ticks() - start;
	dsu_fault(process, unrolled);
	dsu_slots_unrolled(last->at_once);
	dsu_fault(process, reported);
}

static void forward(struct dsu_thread *t)
{
	dsu_serialize();
	t->records = t->mapped;
	t->homes = t->new_homes;
	t->low = t->new_low;
	DSU_STORE(&taken_over, dsu_ledger->hand + 1);
}

/* What lies on stacks is written before any of the process's threads puts its own back. */
static void go_forward(struct dsu_thread *t)
{
	if (!at_hand(dsu_ledger).types.walks) {
		/* nothing has been converted */
	} else if (dsu_come(&dsu_all_decided, t->round)) {
		dsu_xform_commit();
		dsu_close(&dsu_all_decided, t->round);
	} else {
		dsu_await(&dsu_all_decided, t->round);
	}
	if (at_hand(dsu_ledger).types.walks)
		dsu_specifics_commit(t);
	forward(t);
}

/* All of a process's threads go one way, and none where it has no frames. */
static int forwards(uint32_t round, uint32_t phase)
{
	static DSU_TOUCHED uint64_t decided; /* round and way */
	uint64_t was = DSU_LOAD(&decided);
	/* Looked at in any case: by this a thread sees what the last one has made of its records. */
	int all = DSU_LOAD(&mapped) == round;
	int way = all && DSU_KIND(phase) == DSU_RESUME && dsu_ledger->decided == round;

	do
		if (was >> 1 == round)
			return was & 1;
	while (!__atomic_compare_exchange_n(&decided, &was, (uint64_t)round << 1 | (uint64_t)way, 0,
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return way;
}

void dsu_decide(struct dsu_thread *t)
{
	uint32_t phase;

	dsu_fault(process, landed);
	dsu_specifics_look(t);
	if (dsu_come(&dsu_all_unrolled, t->round))
		map_process(t);
	/* STOP: others may not have come to where this one did not wait. */
	phase = dsu_wait_while(t, 1u << DSU_STOP | 1u << DSU_UNROLL | 1u << DSU_COMMIT);
	if (forwards(t->round, phase)) {
		dsu_fault(process, decided);
		go_forward(t);
	} else {
		dsu_fault(process, undone);
	}
}

/* Variables that the program has not set since its start have another start in this version. */
static void set_initials(const struct dsu_patch *p, int back)
{
	for (unsigned i = 0; i < p->ninitials; i++) {
		const struct dsu_initial *v = &p->initials[i];

		if (!memcmp(v->at, back ? v->now : v->was, v->size))
			memcpy(v->at, back ? v->was : v->now, v->size);
	}
}

/* Once: a patch that was taken back and is applied again has stayed known to the unwinder. */
static void know_frames(const struct dsu_applied *a, unsigned index)
{
	static DSU_TOUCHED uint64_t known[DSU_PATCHES / 64];
	uint64_t bit = 1UL << index % 64;

	if (!a->eh_frame || known[index / 64] & bit)
		return;
	known[index / 64] |= bit;
	__register_frame_info((const void *)a->eh_frame, (void *)dsu_unwinds_at(a));
}

/* Before any of the process's threads runs in the version that was decided on. */
static void forward_process(void)
{
	const struct dsu_applied *a;

	if (!taken_over)
		return;
	a = &dsu_ledger->patches[taken_over - 1];
	if (!dsu_ledger->reverting)
		know_frames(a, taken_over - 1);
	set_initials((const struct dsu_patch *)a->patch, dsu_ledger->reverting != 0);
	dsu_block->slots[dsu_slot].top = dsu_ledger->top;
	taken_over = 0;
}

/*
 * No thread runs before the stacks of all of its process are there again: one may hold pointers to
 * what lies on another's. After UNROLL all pass here, those too that saw it go back in time.
 */
void dsu_together(struct dsu_thread *t)
{
	if (!dsu_come(&dsu_all_rebuilt, t->round)) {
		dsu_await(&dsu_all_rebuilt, t->round);
		return;
	}
	dsu_files_end(taken_over != 0);
	dsu_hooks_end(taken_over != 0);
	forward_process();
	dsu_xform_drop(); /* unless it has been committed */
	dsu_close(&dsu_all_rebuilt, t->round);
}

/* Everything is rebuilt; from here on the thread runs. */
void dsu_resumed(struct dsu_thread *t)
{
	t->asked = 0;
	dsu_block->slots[t->slot].rebuild_ticks = t->rebuild_ticks;
	dsu_fault(process, rebuilt);
	dsu_together(t);
	dsu_slot_report(t, DSU_RESUMED);
	dsu_fault(process, resuming);
}
