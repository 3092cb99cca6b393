/*
 * walk.c - the dry walk: can this stack be unrolled from here?
 *
 * Nothing is changed. Runs on a thread that stands at an update point, never in a signal handler.
 */
#include <dlfcn.h>
#include <sys/resource.h>
#include <unwind.h>

#include "carry.h"
#include "module.h"
#include "family.h"

/* The linker makes these around our renamed text. */
extern DSU_HIDDEN const char __start_dsu_text[], __stop_dsu_text[];

/* Frames are rebuilt beneath the homes of pinned variables: in the worst case a second stack. */
static size_t stack_limit = SIZE_MAX;

void dsu_walk_init(void)
{
	struct rlimit lim;

	dsu_unwinder_init();
	if (getrlimit(RLIMIT_STACK, &lim) == 0 && lim.rlim_cur != RLIM_INFINITY)
		stack_limit = lim.rlim_cur / 2;
	dsu_modules_init();
}

int dsu_own_text(uintptr_t pc)
{
	return pc >= (uintptr_t)__start_dsu_text && pc < (uintptr_t)__stop_dsu_text;
}

struct walk {
	struct dsu_thread *t;
	int outside; /* past our own frames at the top */
	int saves;   /* the frame at hand saves itself: it stands at an update point of its own */
	int base;    /* found: what follows is beneath a handler of a signal */
	int whole;   /* the outermost base has been found, too */
	int final;   /* what is beneath is never gone back to */
	uintptr_t inner; /* the function of the frame before; 0: none, or the runtime's */
	char *above;     /* a library's frames, which stay */
};

/* No answer: the frame at hand can be taken apart. */
static const char *blocks(struct walk *w, struct _Unwind_Context *c, uintptr_t ip, uintptr_t func)
{
	const unsigned char *lsda;

	if (dsu_is_opaque((const void *)func))
		return "an untouched function is active";
	if (w->inner && dsu_vanished(ip + 1, w->inner))
		return "a library's function has ended with a jump to its callback";
	if (dsu_mode & DSU_FLAG_CHECK)
		return dsu_is_entry((const void *)func) ? NULL
							: "an uninstrumented function is active";
	if (!w->saves &&
		(!(lsda = _Unwind_GetLanguageSpecificData(c)) || !dsu_lsda_has_pad(lsda, func, ip)))
		return "a function without a continuation point is active";
	return NULL;
}

/* The base whose frame ends at `sp`. Others, that handlers have left by a jump, are none any more. */
static unsigned base_of(const struct dsu_thread *t, const char *sp)
{
	unsigned k = 0;

	for (unsigned i = 1; i <= t->base; i++)
		if (t->bases[i].frame >= sp && t->bases[i].frame < t->bases[k].frame)
			k = i;
	return k;
}

/* Nobody can jump into it: a function of the program's own or of a patch, or a library's that is not ours. */
static int may_be_left(uintptr_t ip, uintptr_t func)
{
	const struct dsu_ledger *b = dsu_ledger;
	struct dl_find_object o;

	if (ip - b->text < b->text_size || ip - b->arena < b->arena_size)
		return !dsu_is_armed((const void *)func) && !dsu_is_opaque((const void *)func);
	return !_dl_find_object((void *)ip, &o) &&
	       !dsu_has_module(o.dlfo_map_start, o.dlfo_map_end);
}

/*
 * What a handler has interrupted stays, and goes on in the code that it has begun in: dsuctl looks. Where a
 * function above it never returns, that is never.
 */
static _Unwind_Reason_Code beneath(struct walk *w, uintptr_t ip, uintptr_t func, const char *sp)
{
	struct dsu_thread *t = w->t;

	if (func == (uintptr_t)dsu_base) {
		w->whole = base_of(t, sp) == 0;
		return w->whole ? _URC_NORMAL_STOP : _URC_NO_REASON;
	}
	if (dsu_carry_is(func))
		t->blocker.why = "a handler has interrupted a library that an update has kept";
	else if (t->nbeneath == DSU_BENEATH)
		t->blocker.why = "too many functions stand beneath a handler";
	if (t->blocker.why)
		return _URC_NORMAL_STOP;
	if (!dsu_own_text(ip)) {
		t->beneath[t->nbeneath++] = ip;
		w->final &= may_be_left(ip, func);
	}
	return _URC_NO_REASON;
}

static _Unwind_Reason_Code frame(struct _Unwind_Context *c, void *arg)
{
	struct walk *w = arg;
	int before = 0;
	uintptr_t ip = _Unwind_GetIPInfo(c, &before), func = _Unwind_GetRegionStart(c);

	if (!before)
		ip--;
	if (w->base)
		return beneath(w, ip, func, (char *)_Unwind_GetCFA(c));
	if (func == (uintptr_t)dsu_base) {
		w->base = 1;
		w->t->base = base_of(w->t, (char *)_Unwind_GetCFA(c));
		w->whole = w->t->base == 0;
		return w->whole ? _URC_NORMAL_STOP : _URC_NO_REASON;
	}
	if (!w->outside && (dsu_own_text(ip) || (char *)_Unwind_GetCFA(c) < w->above))
		return _URC_NO_REASON;
	w->saves = !w->outside && !w->t->in_call && !w->t->carrying;
	if (!w->outside)
		w->t->point = ip;
	w->outside = 1;
	w->t->frames++;
	w->t->blocker.pc = ip;
	w->t->blocker.why = blocks(w, c, ip, func);
	if (dsu_is_final((const void *)func))
		w->final = 1;
	else if (dsu_is_armed((const void *)func))
		w->final = 0; /* a jump may lead here, and this one returns */
	w->inner = func;
	return w->t->blocker.why ? _URC_NORMAL_STOP : _URC_NO_REASON;
}

size_t dsu_stack_limit(const struct dsu_thread *t)
{
	return t->stack_limit ? t->stack_limit : stack_limit;
}

/* 1: it can. 0: it cannot, and t->blocker says why. */
int dsu_walk(struct dsu_thread *t)
{
	struct walk w = {.t = t, .above = dsu_carry_above(t)};

	t->blocker.why = NULL;
	t->blocker.pc = 0;
	t->frames = t->nbeneath = 0;
	if (!t->based)
		t->blocker.why = "the thread has no base frame";
	else if (t->transactions) {
		t->blocker.why = "a transaction is open";
		t->blocker.pc = t->transaction_at;
	} else if (t->carrying && !dsu_carry_room(t))
		t->blocker.why = "the stack has no room for the library that waits";
	if (t->blocker.why)
		return 0;
	_Unwind_Backtrace(frame, &w);
	if (!t->blocker.why && !w.whole)
		t->blocker.why = "the stack has no base frame";
	if (t->blocker.why)
		return 0;
	if (w.final)
		t->nbeneath = 0;
	t->depth = (size_t)(dsu_base_sp(t) - dsu_stack_pointer());
	if (t->depth + (t->carrying ? dsu_carry_room(t) : 0) > dsu_stack_limit(t))
		t->blocker.why = "the stack is so deep that there may be no room to rebuild it";
	return !t->blocker.why;
}
