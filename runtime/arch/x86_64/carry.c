/*
 * carry.c - an update while a thread waits in a library that is not instrumented.
 *
 * Such frames (of libssl in SSL_read(), say) cannot be taken apart, and need not be: they are no code
 * of the program. They are kept on the stack like a pinned variable, together with all registers of
 * the system call at which our signal found them. The call that led into them becomes a record whose
 * resume variant goes on with the system call, on the kept frames; when they return, the result
 * is the call's. The library sees nothing of it.
 *
 * The program's frames are rebuilt beneath, so the library gets room between for what it calls yet.
 */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unwind.h>

#include "carry.h"
#include "family.h"
#include "module.h"

/* What carry.S pushes; general registers otherwise unnamed. */
struct dsu_context {
	long registers[14], result, flags, pc;
};

#define ROOM     (128UL << 10) /* OpenSSL takes less than a tenth of it */
#define ROOM_MIN (16UL << 10)
#define SYSCALL  "\x0f\x05"

_Static_assert(offsetof(struct dsu_thread, carried.sp) == 0, "carry.S");
_Static_assert(offsetof(struct dsu_thread, carried.guard) == 8, "carry.S");

extern DSU_HIDDEN void dsu_carry_resume(void *const *);
extern DSU_HIDDEN const char dsu_carry_enter[], dsu_carry_left[], dsu_carry_return[];
DSU_HIDDEN void *dsu_carry_look(struct dsu_context *at);
DSU_HIDDEN void dsu_carry_point(struct dsu_context *at);
DSU_HIDDEN struct dsu_context *dsu_carry_again(char *sp);
_Noreturn DSU_HIDDEN void dsu_carry_broken(void);
_Noreturn DSU_HIDDEN void dsu_carry_unwind(const long *kept, char *sp);

/* The library's frames as the program's: one record without variables, kept whole. */
static const struct {
	struct dsu_func f;
	struct dsu_cp cps[2];
	char key[16];
} library = {
	.f = {.abi = DSU_ABI,
		.flags = DSU_KEEPS_FRAME,
		.ncp = 2,
		.resume = DSU_LATER,
		.cps = sizeof(struct dsu_func),
		.names = sizeof(struct dsu_func) + 2 * sizeof(struct dsu_cp)},
	.cps = {{0}, {.kind = DSU_CP_BLOCK}},
	.key = "(a library)",
};
DSU_RESUMED_BY(library, dsu_carry_resume);

static int forks(long nr)
{
	return nr == SYS_fork || nr == SYS_vfork || nr == SYS_clone || nr == SYS_clone3 ||
	       nr == SYS_execve;
}

/*
 * The kernel leaves the address behind the instruction in rcx. It has put the pc back to make the
 * call again, or gives EINTR, which the library then sees after the update as it would without one.
 */
void dsu_carry_interrupted(ucontext_t *uc)
{
	greg_t *r = uc->uc_mcontext.gregs;
	const char *pc = (const char *)r[REG_RIP], *behind = (const char *)r[REG_RCX];

	if (dsu_thread.held || !dsu_thread.based || dsu_off || dsu_mode & DSU_FLAG_CHECK)
		return;
	if (dsu_own_text((uintptr_t)pc))
		return;
	if (!(behind == pc + 2 && !forks((long)r[REG_RAX]) && !memcmp(pc, SYSCALL, 2)) &&
		!(behind == pc && r[REG_RAX] == -EINTR && !memcmp(pc - 2, SYSCALL, 2)))
		return;
	r[REG_RCX] = (greg_t)pc;
	dsu_uc_set_pc(uc, (size_t)dsu_carry_enter);
}

struct look {
	int outside; /* past our own frames at the top */
	int kept;    /* the library's frames are on a stack of their own already */
	struct dsu_carried *carries;
};

/* Not one that dsucc has made. */
static int of_a_library(uintptr_t ip)
{
	struct dl_find_object o;

	return !_dl_find_object((void *)ip, &o) &&
	       !dsu_has_module(o.dlfo_map_start, o.dlfo_map_end);
}

/* The frame of the program's that has called the library. */
static void called_by(struct dsu_carried *carries, struct _Unwind_Context *c)
{
	static const int numbers[] = {3, 6, 12, 13, 14, 15}; /* rbx, rbp, r12 ... in DWARF */

	carries->high = (char *)_Unwind_GetCFA(c);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		carries->kept[i] = (long)_Unwind_GetGR(c, numbers[i]);
}

static _Unwind_Reason_Code frame(struct _Unwind_Context *c, void *arg)
{
	struct look *l = arg;
	int before = 0;
	uintptr_t ip = _Unwind_GetIPInfo(c, &before);

	if (!before)
		ip--;
	if (!l->outside && dsu_own_text(ip))
		return _URC_NO_REASON;
	if (l->outside && _Unwind_GetRegionStart(c) == (uintptr_t)dsu_carry_left)
		l->kept = 1;
	else if (of_a_library(ip)) {
		l->outside = 1;
		return _URC_NO_REASON;
	} else if (l->outside && !dsu_own_text(ip))
		called_by(l->carries, c);
	return _URC_NORMAL_STOP;
}

static char *lowest(const struct dsu_context *at)
{
	return (char *)(((uintptr_t)at - 512) & ~15UL);
}

/* Our handler has sent us: see carry.S. */
void *dsu_carry_look(struct dsu_context *at)
{
	struct dsu_thread *t = &dsu_thread;
	struct dsu_carried found = {.at = at};
	struct look l = {.carries = &found};

	_Unwind_Backtrace(frame, &l);
	t->carries = t->carried;
	t->carries.at = at;
	if (l.kept)
		return t->carried.sp;
	if (!found.high)
		return NULL;
	t->carries = found;
	return at;
}

/* As at the head of a call that is wrapped. Does not return if the thread is updated. */
void dsu_carry_point(struct dsu_context *at)
{
	struct dsu_thread *t = &dsu_thread;

	t->kept_errno = errno;
	t->carrying = 1;
	dsu_stop(t);
	t->carrying = 0;
	errno = t->kept_errno;
	if (!t->unrolling)
		return;
	if (!t->carries.sp) /* the room stays the same for as long as the library's call lasts */
		t->carries.guard = (void *)(((uintptr_t)lowest(at) - dsu_carry_room(t)) & ~63UL);
	t->carried = t->carries;
	dsu_push(&library.f, 1);
	t->records->floor = lowest(at);
	if (t->carries.sp)
		dsu_unwind();
	/* The library's frames have been copied aside; what stands there now may be overwritten. */
	dsu_carry_unwind(t->carries.kept, t->carries.high - sizeof(void *));
}

int dsu_carry_is(uintptr_t func)
{
	return func == (uintptr_t)dsu_carry_left;
}

char *dsu_carry_above(const struct dsu_thread *t)
{
	return t->carrying && !t->carries.sp ? t->carries.high : NULL;
}

size_t dsu_carry_room(const struct dsu_thread *t)
{
	size_t room = dsu_stack_limit(t) / 2;

	return room < ROOM_MIN ? 0 : room < ROOM ? room : ROOM;
}

static int carries(const struct dsu_thread *t)
{
	const struct dsu_record *r = t->records;

	while (r && r->inner)
		r = r->inner;
	return r && r->func == &library.f;
}

char *dsu_carry_floor(const struct dsu_thread *t)
{
	return carries(t) ? (char *)t->carried.guard : NULL;
}

size_t dsu_carry_words(const struct dsu_thread *t, char *const **words)
{
	const char *low;

	if (!carries(t))
		return 0;
	low = (char *)t->carried.at;
	*words = (char *const *)(const void *)dsu_home_bytes(t, low);
	return (size_t)(t->carried.high - low) / sizeof **words;
}

/*
 * The rebuilt stack is complete. A handler that waited for that long and wants calls to fail makes
 * this one fail.
 */
struct dsu_context *dsu_carry_again(char *sp)
{
	struct dsu_thread *t = &dsu_thread;
	struct dsu_carried *c = &t->carried;
	long handled = t->handled;
	int cp;

	c->sp = sp;
	*c->guard = c->guard;
	memcpy(c->high - sizeof(void *), &(const void *){dsu_carry_return}, sizeof(void *));
	dsu_pop(&library.f, &cp);
	if (t->handled != handled && !memcmp((const void *)c->at->pc, SYSCALL, 2)) {
		c->at->result = -EINTR;
		c->at->pc += 2;
	}
	return c->at;
}

void dsu_carry_broken(void)
{
	dsu_die("a library has needed more than %lu KiB of stack after an update",
		dsu_carry_room(&dsu_thread) >> 10);
}
