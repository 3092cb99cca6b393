/* stop.c - the coordinator asks all to stop: come to a point, look, wait for what it decides. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/single_threaded.h>

#include "family.h"
#include "fault.h"

int dsu_asked(void)
{
	return dsu_block && DSU_KIND(DSU_LOAD(&dsu_block->phase)) == DSU_STOP;
}

/* Cleared first, then looked again: a request that comes between the two is not lost. */
static void forget(void)
{
	dsu_request_clear(DSU_ASKED);
	if (dsu_asked())
		dsu_request_set(DSU_ASKED);
}

/* Runs on, and is asked again at its next point. */
static void refuse(struct dsu_thread *t)
{
	struct dsu_slot *s = &dsu_block->slots[t->slot];
	Dl_info at;

	s->blocked++;
	if (s->pc != t->blocker.pc || !s->why[0]) {
		s->pc = t->blocker.pc;
		if (s->pc && dladdr((void *)s->pc, &at) && at.dli_sname)
			snprintf(s->why, sizeof s->why, "%s: %s", t->blocker.why, at.dli_sname);
		else
			snprintf(s->why, sizeof s->why, "%s", t->blocker.why);
	}
	if (dsu_block->states[t->slot] != DSU_WORD(DSU_ROUND(dsu_block->phase), DSU_BLOCKED))
		dsu_slot_report(t, DSU_BLOCKED);
}

/* What can fail fails before the stack is touched. */
static int prepared(struct dsu_thread *t)
{
	int fault = dsu_fault(process, walked);

	if (fault == DSU_FAULT_ERROR)
		t->blocker.why = "a fault";
	else if (fault || !dsu_scratch_reserve(t, dsu_scratch_needed(t)))
		t->blocker.why = "no memory to take the stack apart";
	return !t->blocker.why;
}

/* Names of libraries that the patch needs and the program does not have, asked before anyone waits for the answer. */
static void resolve(const struct dsu_thread *t, struct dsu_block *b)
{
	const struct dsu_ledger *l = dsu_ledger;

	if ((int)b->leader != t->slot)
		return;
	for (unsigned i = 0; i < l->nresolved; i++)
		b->resolves[i] = (uint64_t)dlsym(RTLD_DEFAULT, &l->names[l->resolved[i].name]);
}

/* A process with one thread has nobody else whose stack must be there while it takes its own apart. */
static int is_alone(void)
{
	return dsu_living == 1 && __libc_single_threaded; /* no library has made one either */
}

/*
 * Until it is known what becomes of this stop; UNROLL: the thread takes itself apart. One that does so at
 * once says it first and looks again: from then on dsuctl puts no other update in this one's place.
 */
static uint32_t stand(struct dsu_thread *t)
{
	uint32_t phase;

	t->at_once = DSU_LOAD(&dsu_ledger->at_once) == t->round && is_alone() && !t->nbeneath;
	if (t->at_once) {
		dsu_slot_report(t, DSU_UNROLLING);
		if (DSU_LOAD(&dsu_block->phase) == DSU_WORD(t->round, DSU_STOP)) {
			dsu_request_clear(DSU_ASKED);
			return DSU_WORD(t->round, DSU_UNROLL);
		}
	} else {
		dsu_slot_report(t, DSU_STOPPED);
		dsu_fault(process, waiting);
	}
	phase = dsu_wait_while(t, 1u << DSU_STOP);
	forget();
	return phase;
}

static void report_beneath(const struct dsu_thread *t, struct dsu_slot *s)
{
	if (t->nbeneath)
		memcpy(s->beneath, t->beneath, sizeof s->beneath);
	if (s->nbeneath != t->nbeneath)
		s->nbeneath = t->nbeneath;
}

void dsu_stop(struct dsu_thread *t)
{
	uint32_t phase = DSU_LOAD(&dsu_block->phase);

	if (dsu_asked() && !t->known)
		dsu_thread_adopt(t);
	if (DSU_KIND(phase) != DSU_STOP || t->slot < 0) {
		forget();
		return;
	}
	dsu_fault(process, asked);
	if (!dsu_walk(t) || !prepared(t)) {
		refuse(t);
		return;
	}
	dsu_signals_hold(t);
	resolve(t, dsu_block);
	dsu_block->slots[t->slot].arrived = dsu_ticks();
	dsu_block->slots[t->slot].point = t->point;
	report_beneath(t, &dsu_block->slots[t->slot]);
	dsu_fault(process, stopped);
	t->round = DSU_ROUND(phase);
	phase = stand(t);
	if (DSU_KIND(phase) == DSU_UNROLL) {
		dsu_fault(process, leaving);
		t->asked = 1;
		dsu_unroll(t);
		return;
	}
	if (DSU_KIND(phase) == DSU_UNDO)
		dsu_together(t);
	dsu_fault(process, back);
	dsu_slot_report(t, DSU_RUNNING);
	dsu_signals_release(t);
}
