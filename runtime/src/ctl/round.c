/*
 * round.c - the coordinator: stop all, unroll all, decide, and let all go on.
 *
 * Order that matters: the writing ends of the `wait` pipes are opened before the phase says STOP
 * (their closing is how our death is noticed), and a phase is stored before its bytes are written.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "arch.h"
#include "round.h"

#define WOKEN 32 /* at most so many readers of a pipe, one by one */

static uint32_t set_phase(struct round *r, enum dsu_phase kind)
{
	uint32_t phase = DSU_WORD(r->number, kind);

	DSU_STORE(&r->b->phase, phase);
	return phase;
}

/* Before a phase in which all who have stopped will report: how many. */
static int expect(struct round *r, unsigned kinds)
{
	int n = 0;

	for (int i = 0; i < DSU_SLOTS; i++)
		n += (kinds & 1u << DSU_KIND(DSU_LOAD(&r->b->states[i]))) != 0;
	DSU_STORE(&r->b->pending, n);
	return n;
}

/*
 * One byte for each that may wait in a phase; `pipes`: whose (bits). Whoever has read wakes the next one,
 * which is one after the other; the first ones are woken from here, so that all processors have some.
 */
static void wake(struct round *r, int pipes)
{
	static const char bytes[DSU_SLOTS];
	size_t n = 0, k;

	for (int i = 0; i < DSU_SLOTS; i++)
		n += DSU_KIND(DSU_LOAD(&r->b->states[i])) >= DSU_RUNNING;
	for (int i = 0; i < 2; i++) {
		if (!(pipes & 1 << i))
			continue;
		for (k = 0; k < n && k < WOKEN && write(r->wait[i], bytes, 1) == 1; k++)
			;
		if (k < n && write(r->wait[i], bytes, n - k) < 0)
			continue; /* full: there are more than enough */
	}
}

/* Linux then wakes a reader at each write, and not only at those into an empty pipe. */
static void wake_at_each(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	poll(&p, 1, 0);
}

static int open_round(struct round *r)
{
	struct flock l = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = DSU_LOCK_CTL, .l_len = 1};
	struct stat st;
	int fd;

	if (fcntl(r->f->control, F_SETLK, &l) < 0) {
		because(r->why, "another dsuctl is updating this program");
		return 0;
	}
	r->notify = family_fd(r->f, r->f->fds.notify, O_RDONLY | O_NONBLOCK);
	for (int i = 0; i < 2; i++) {
		fd = family_fd(r->f, r->f->fds.wait[i], O_RDONLY | O_NONBLOCK);
		if (fd >= 0) {
			drain(fd);
			close(fd);
		}
		r->wait[i] = family_fd(r->f, r->f->fds.wait[i], O_WRONLY | O_NONBLOCK);
		if (r->wait[i] >= 0)
			wake_at_each(r->wait[i]);
	}
	fd = r->arena_fd = family_fd(r->f, r->f->fds.arena, O_RDWR);
	if (fd < 0 || r->wait[0] < 0 || r->wait[1] < 0 || r->notify < 0) {
		because(r->why, "process %d: cannot open the runtime's descriptors: %s", r->f->pid,
			strerror(errno));
		return 0;
	}
	if (fstat(fd, &st) < 0 || st.st_ino != r->f->arena_inode) {
		because(r->why, "process %d: its arena is another one now", r->f->pid);
		return 0;
	}
	r->arena_bytes = r->f->ledger->text_offset + r->f->ledger->text_size;
	r->arena = mmap(NULL, r->arena_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (r->arena == MAP_FAILED) {
		r->arena = NULL;
		because(r->why, "cannot map the family's arena: %s", strerror(errno));
		return 0;
	}
	r->l = (struct dsu_ledger *)r->arena;
	drain(r->notify);
	if (dsu_fault(dsuctl, locked))
		because(r->why, "a fault");
	return !r->why->len;
}

/* A leader that saw our predecessor die may do the same at the same time. */
static void finish(struct round *r)
{
	uint32_t phase = DSU_WORD(r->number, DSU_COMMIT);

	entries_redirect(r, &r->l->patches[r->l->hand]);
	dsu_fault(dsuctl, redirected);
	dsu_settle(r->l);
	dsu_fault(dsuctl, settled);
	expect(r, 1u << DSU_UNROLLED);
	__atomic_compare_exchange_n(&r->b->phase, &phase, DSU_WORD(r->number, DSU_RESUME), 0,
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	dsu_fault(dsuctl, resuming);
	wake(r, 3); /* who took itself apart at once has been waiting since STOP */
}

static void commit(struct round *r)
{
	r->l->when = time(NULL);
	dsu_fault(dsuctl, commit);
	DSU_STORE(&r->l->decided, r->number);
	set_phase(r, DSU_COMMIT);
	dsu_fault(dsuctl, committed);
	finish(r);
}

/* Seconds, not the update's deadline: there is no other way than forward. */
static int all_resume(struct round *r)
{
	r->deadline = now_us() + 5e6;
	return wait_all(r, 1u << DSU_BORN | 1u << DSU_RUNNING | 1u << DSU_RESUMED, 0);
}

/* ---- the steps ---- */

/* The dead are asked for now and then: while all wait, each costs a system call. */
static int still_waits(const struct round *r, int slot, int ask)
{
	unsigned kind = DSU_KIND(DSU_LOAD(&r->b->states[slot]));

	return ((STANDING | 1u << DSU_UNROLLING) & 1u << kind) && (!ask || slot_pid(r->f, slot));
}

static int waiting(const struct round *r, int ask)
{
	int n = 0;

	for (int k = 0; k < DSU_SLOTS; k++)
		n += still_waits(r, k, ask);
	return n;
}

/*
 * Until nobody waits for a phase that has been and gone; bytes that nobody has read are read by whoever
 * comes first to the next stop. 0: somebody still waits.
 */
static int let_go(struct round *r)
{
	if (waiting(r, 0))
		wake(r, 3);
	for (int i = 0; i < 2000; i++) {
		struct pollfd fd = {.fd = r->notify, .events = POLLIN};

		if (!waiting(r, i % 16 == 15))
			return 1;
		poll(&fd, 1, 1);
		drain(r->notify);
	}
	return 0;
}

/*
 * Processes that find a dsuctl dead do the same: who comes first has decided. 0: not all have seen it
 * yet.
 */
int round_go_back(struct round *r)
{
	uint32_t phase = DSU_LOAD(&r->b->phase), to;
	int gone;

	do {
		unsigned kind = DSU_KIND(phase);

		if (kind != DSU_STOP && kind != DSU_UNROLL)
			break;
		if (kind == DSU_UNROLL)
			DSU_STORE(&r->b->undone, r->number);
		to = DSU_WORD(r->number, kind == DSU_UNROLL ? DSU_UNDO : DSU_BACK);
	} while (!__atomic_compare_exchange_n(
		&r->b->phase, &phase, to, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	if (DSU_KIND(DSU_LOAD(&r->b->phase)) == DSU_UNDO)
		dsu_fault(dsuctl, undoing);
	else
		dsu_fault(dsuctl, backing);
	gone = let_go(r);
	urgent_end(r);
	watchdog_set(r, 0);
	return gone;
}

void free_slot(const struct round *r, int slot, uint32_t was)
{
	dsu_disown(r->b, slot, dsu_process_of(r->b, slot));
	if (__atomic_compare_exchange_n(
		    &r->b->states[slot], &was, DSU_FREE, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		dsu_count(r->b, was, DSU_FREE);
}

/* Slots of processes that are gone cost a system call each; not while all wait. */
static void free_the_dead(const struct round *r)
{
	struct timespec ms = {0, 1000000};
	int left = 500;

	for (int i = 0; i < DSU_SLOTS; i++) {
		uint32_t was = DSU_LOAD(&r->b->states[i]);

		/* A process that is being born takes its lock at once, unless the fork has failed. */
		for (; left && DSU_KIND(was) == DSU_BORN && dsu_process_of(r->b, i) == i &&
			!slot_pid(r->f, i);
			left--) {
			nanosleep(&ms, NULL);
			was = DSU_LOAD(&r->b->states[i]);
		}
		if (DSU_KIND(was) != DSU_FREE && !slot_pid(r->f, i))
			free_slot(r, i, was);
	}
}

/* A dsuctl that died left its round open: close it as it would have had to be. */
static void clear_up(struct round *r)
{
	uint32_t phase = DSU_LOAD(&r->b->phase);
	int over;

	r->number = DSU_ROUND(phase);
	if (r->l->decided != r->number && DSU_KIND(phase) == DSU_COMMIT)
		phase = set_phase(r, DSU_UNDO); /* no dsuctl has said so */
	switch (DSU_KIND(phase)) {
	case DSU_STOP:
	case DSU_UNROLL:
		over = round_go_back(r);
		break;
	case DSU_COMMIT:
		finish(r);
		/* fall through */
	case DSU_RESUME:
		over = all_resume(r);
		memset(r->reported, 0, sizeof r->reported);
		break;
	default:
		/* One may have looked at the phase before it changed, and read after we came. */
		over = let_go(r);
	}
	/* Who is still in it reads words that our own update will change. */
	if (!over && !r->why->len)
		because(r->why, "the last update is not finished yet");
}

static void write_patch(struct round *r)
{
	struct dsu_ledger *b = r->l;
	struct patch *p = r->p;
	struct dsu_applied *a = &b->patches[p->index];
	int64_t when = a->when, reverted = a->reverted; /* until it is decided */
	const struct dsu_patch *d = patch_at(p, p->patch_sym, sizeof *d);
	uint64_t text = (p->text_size + 4095) & ~4095UL;

	b->hand = p->index;
	b->reverting = 0;
	memset(a, 0, sizeof *a);
	a->below = b->top;
	if (p->index < b->npatches) {
		a->when = when;
		a->reverted = reverted;
	}
	memcpy(a->digest, p->digest, 32);
	memcpy(a->from, d->from, 20);
	memcpy(a->to, d->to, 20);
	a->base = p->base;
	a->text_size = p->text_size;
	a->data_size = p->data_size;
	a->image_size = p->image_size;
	a->image = p->base + text;
	a->data = p->base + DSU_PATCH_DATA;
	a->threads = p->threads;
	a->threads.image += p->base;
	a->entries = p->base + p->lists[0];
	a->nentries = p->nlists[0];
	a->opaque = p->base + p->lists[1];
	a->nopaque = p->nlists[1];
	a->syms = p->syms_at;
	a->nsyms = p->nsyms;
	a->strings = p->strings_at;
	a->patch = p->base + p->patch_sym;
	a->eh_frame = p->eh_frame ? p->base + p->eh_frame : 0;
	a->reserved = patch_room(p);
	memcpy(r->arena + (p->base - b->arena), p->text, p->text_size);
	memcpy(r->arena + (a->image - b->arena), p->data, p->image_size);
}

/* Memory that the arena does not have yet; writing where there is none would end us by a signal. */
static int has_room(struct round *r)
{
	const struct patch *p = r->p;
	uint64_t text = (p->text_size + 4095) & ~4095UL;
	int fault = dsu_fault(dsuctl, placing), error = fault == DSU_FAULT_NODISK ? ENOSPC : fault;

	if (!error)
		error = posix_fallocate(
			r->arena_fd, (off_t)(p->base - r->l->arena), (off_t)(text + p->image_size));
	if (error)
		because(r->why, "no memory for the patch in the program's arena: %s",
			strerror(error));
	return !error;
}

static void check_way_back(struct round *r)
{
	const char *stays = entries_stay(r, &r->l->patches[r->l->hand]);

	if (stays)
		because(r->why, "the patch cannot be taken back: %.400s", stays);
}

/* Once all that it names is known. */
static int place(struct round *r)
{
	if (!has_room(r))
		return 0;
	if (!patch_link(r->p, r->f, r->why))
		return 0;
	for (unsigned i = 0; i < r->p->nresolves; i++)
		r->l->resolved[i].value = r->p->values[r->p->resolves[i]];
	write_patch(r);
	entries_check(r, &r->l->patches[r->l->hand]);
	if (r->how == DSU_TRY)
		check_way_back(r);
	return !r->why->len;
}

/* Does the patch leave names that only the program's libraries can have? */
static unsigned open_names(const struct round *r)
{
	return r->p ? r->p->nresolves : 0;
}

static int prepare_patch(struct round *r)
{
	right_version(r->p, r->f, r->why);
	if (r->why->len || !patch_place(r->p, r->f, r->why) || !symbols_resolve(r->p, r->f, r->why))
		return 0;
	symbols_ask(r->p, r->l, r->why);
	return !r->why->len && (open_names(r) || place(r));
}

static int prepare_revert(struct round *r)
{
	struct dsu_ledger *b = r->l;

	if (!b->top) {
		because(r->why, "no patch is in force");
		return 0;
	}
	b->hand = b->top - 1;
	b->reverting = 1;
	b->nresolved = 0;
	check_way_back(r);
	return !r->why->len;
}

/* Until all have stopped. 0: some have not, or they were too many; r->why tells. */
int round_stop(struct round *r)
{
	struct dsu_block *b = r->b;

	r->n = family_members(r->f, r->members);
	if (!r->n) {
		because(r->why, "no process of the program lives");
		return 0;
	}
	if (b->overflow)
		because(r->why, "the program has more than %d processes and threads", DSU_SLOTS);
	for (int i = 0; i < r->n; i++) {
		struct dsu_slot *s = &b->slots[r->members[i].slot];

		if (!s->blocked && !s->pc && !s->why[0])
			continue; /* is not written to: its thread has the cache line */
		s->blocked = 0;
		s->pc = 0;
		s->why[0] = 0;
	}
	b->leader = (uint32_t)r->members[r->n > 1 && r->members[0].ended].slot;
	r->number = (DSU_ROUND(DSU_LOAD(&b->phase)) + 1) & 0xffffff;
	r->resent = now_us();
	r->asked = r->resent;
	r->looked = 0;
	r->patience = r->resent + r->stand;
	watchdog_set(r, r->deadline - r->resent + (r->deadline - r->resent) + 5e5);
	if (r->at_once) {
		DSU_STORE(&r->l->announced, r->number);
		DSU_STORE(&r->l->at_once, r->number);
	}
	urgent_begin(r);
	set_phase(r, DSU_STOP);
	dsu_fault(dsuctl, asking);
	ask(r);
	if (!wait_all(r, STANDING, 1)) {
		if (!r->why->len)
			say_who_is_missing(r);
		return 0;
	}
	if (dsu_fault(dsuctl, stop))
		because(r->why, "a fault");
	return !r->why->len;
}

/*
 * May each take itself apart as it stops? Not where the user's code runs: it is to see all of the
 * family standing, and who may catch a trap is known only then. Not for a dry run, which is to touch
 * as little as it can.
 */
static int at_once(const struct round *r)
{
	return r->how != DSU_CHECK && !open_names(r) &&
	       !entries_run_code(r, &r->l->patches[r->l->hand]);
}

static int is_known(const struct round *r, int k, int slot, unsigned kind)
{
	return k < r->n && r->members[k].slot == slot &&
	       r->members[k].process == dsu_process_of(r->b, slot) &&
	       r->members[k].ended == (kind == DSU_ENDED);
}

/* All stand. The kernel is asked only if somebody has come or gone since it was asked last. */
static void know_members(struct round *r)
{
	int n = 0, known = 1;

	for (int i = 0; i < DSU_SLOTS; i++) {
		unsigned kind = DSU_KIND(DSU_LOAD(&r->b->states[i]));

		if (kind != DSU_FREE)
			known = known && is_known(r, n++, i, kind);
	}
	if (!known || n != r->n)
		r->n = family_members(r->f, r->members);
}

/* All have taken themselves apart, or could not. */
static int all_apart(struct round *r)
{
	say_who_cannot(r);
	if (dsu_fault(dsuctl, unroll))
		because(r->why, "a fault");
	return !r->why->len;
}

static int unroll(struct round *r)
{
	if (open_names(r) && !place(r))
		return 0;
	know_members(r);
	say_what_is_beneath(r, &r->l->patches[r->l->hand]);
	if (r->why->len)
		return 0;
	sandbox_look(r);
	if (!expect(r, 1u << DSU_STOPPED))
		return all_apart(r);
	DSU_STORE(&r->l->announced, r->number);
	set_phase(r, DSU_UNROLL);
	dsu_fault(dsuctl, unrolling);
	wake(r, 1);
	if (!wait_all(r, 1u << DSU_UNROLLED | 1u << DSU_UNMAPPABLE, 0)) {
		if (!r->why->len)
			say_who_is_missing(r);
		return 0;
	}
	return all_apart(r);
}

/* The longest of each, in ticks; `ticks_per_us` by two readings of both clocks. */
static void measure(const struct round *r, struct timings *t, double ticks_per_us)
{
	for (int i = 0; i < r->n; i++) {
		const struct dsu_slot *s = &r->b->slots[r->members[i].slot];
		double u = (double)s->unroll_ticks / ticks_per_us,
		       m = (double)s->map_ticks / ticks_per_us,
		       b = (double)s->rebuild_ticks / ticks_per_us;

		t->unroll_us = u > t->unroll_us ? u : t->unroll_us;
		t->map_us = m > t->map_us ? m : t->map_us;
		t->rebuild_us = b > t->rebuild_us ? b : t->rebuild_us;
	}
}

static int run(struct round *r, double longest, struct timings *t)
{
	unsigned long long ticks = dsu_ticks();
	double start = now_us();
	int ok;

	r->deadline = start + longest;
	r->at_once = at_once(r);
	ok = round_stop(r);
	t->stop_us = now_us() - start;
	ok = ok && unroll(r);
	know_members(r);
	t->processes = count_processes(r->members, r->n);
	for (int i = 0; i < r->n; i++)
		t->threads += !r->members[i].ended;
	if (!ok || r->how == DSU_CHECK) {
		round_go_back(r);
	} else {
		commit(r);
		all_resume(r);
		urgent_end(r);
		watchdog_set(r, 0);
		dsu_fault(dsuctl, resumed);
	}
	t->total_us = now_us() - start;
	measure(r, t, (double)(dsu_ticks() - ticks) / (now_us() - start));
	return ok;
}

/* Take the family for oneself, and leave no round open that another has begun. Null: why tells. */
struct round *round_begin(const struct family *f, struct patch *p, struct reasons *why)
{
	struct round *r = calloc(1, sizeof *r);

	if (!r) {
		because(why, "no memory");
		return NULL;
	}
	r->f = f;
	r->b = f->block;
	r->p = p;
	r->why = why;
	r->wait[0] = r->wait[1] = r->notify = r->arena_fd = -1;
	if (!open_round(r)) {
		round_end(r);
		return NULL;
	}
	clear_up(r);
	free_the_dead(r);
	if (why->len) {
		round_end(r);
		return NULL;
	}
	watchdog_start(r);
	return r;
}

void round_end(struct round *r)
{
	watchdog_stop(r);
	sandbox_end(r);
	for (int i = 0; i < 2; i++)
		if (r->wait[i] >= 0)
			close(r->wait[i]);
	if (r->notify >= 0)
		close(r->notify);
	if (r->arena_fd >= 0)
		close(r->arena_fd);
	if (r->arena)
		munmap(r->arena, r->arena_bytes);
	free(r);
}

int round_run(const struct family *f, struct patch *p, enum how how, const struct limits *limits,
	struct timings *t, struct reasons *why)
{
	double start = now_us();
	struct round *r = round_begin(f, p, why);
	int ok = 0;

	memset(t, 0, sizeof *t);
	if (!r)
		return 0;
	r->how = how;
	r->stand = limits->stand;
	if (p ? prepare_patch(r) : prepare_revert(r)) {
		fetch_pages(r);
		sandbox_prepare(r);
		t->load_us = now_us() - start;
		ok = run(r, limits->all, t);
	}
	round_end(r);
	return ok;
}
