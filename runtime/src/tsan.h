/*
 * tsan.h - in front of each of libdsu's files in a build with TSAN=1: two of libc's calls that TSan's
 * own versions of must not see.
 *
 * mmap() over the program's text: TSan writes down who did it, in memory that it keeps read only for
 * text. sigaction(): TSan keeps a signal back until the program makes a call that it knows, and the
 * wrappers' system calls are none.
 */
#ifndef DSU_TSAN_H
#define DSU_TSAN_H
#ifndef __ASSEMBLER__

# include <signal.h>
# include <string.h>
# include <sys/mman.h>
# include <sys/syscall.h>
# include <unistd.h>

# define mmap(at, size, prot, flags, fd, offset) \
	 ((void *)syscall(SYS_mmap, (at), (size), (prot), (flags), (fd), (offset)))

struct dsu_kernel_sigaction {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};
# define DSU_SA_RESTORER 0x04000000

__attribute__((naked, unused)) static void dsu_restorer(void)
{
	__asm__("mov $15, %eax\n\tsyscall");
}

static inline int dsu_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	struct dsu_kernel_sigaction to = {.restorer = dsu_restorer}, was;
	long r;

	if (act) {
		to.handler = act->sa_sigaction;
		to.flags = (unsigned long)act->sa_flags | DSU_SA_RESTORER;
		memcpy(&to.mask, &act->sa_mask, sizeof to.mask);
	}
	r = syscall(SYS_rt_sigaction, sig, act ? &to : NULL, old ? &was : NULL, sizeof to.mask);
	if (!r && old) {
		memset(old, 0, sizeof *old);
		old->sa_sigaction = was.handler;
		old->sa_flags = (int)(was.flags & ~(unsigned long)DSU_SA_RESTORER);
		memcpy(&old->sa_mask, &was.mask, sizeof was.mask);
	}
	return (int)r;
}
# define sigaction(sig, act, old) dsu_sigaction(sig, act, old)

#endif
#endif
