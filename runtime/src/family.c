/*
 * family.c - what a program sets up at start so that dsuctl can find and drive it.
 *
 * Nothing has a name in a file system: dsuctl finds all of it behind the descriptors of any
 * process of the family, in /proc.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "family.h"
#include "fault.h"

struct dsu_block *dsu_block;
struct dsu_fds dsu_fds;

/* Out of the way of the program's own descriptors, which count from below. */
static int move(int fd)
{
	static int floor;
	struct rlimit lim;
	int to;

	if (fd < 0)
		return -1;
	if (!floor) {
		floor = 200;
		if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur < 208)
			floor = lim.rlim_cur > 16 ? (int)lim.rlim_cur - 8 : 3;
	}
	to = fcntl(fd, F_DUPFD_CLOEXEC, floor);
	if (to < 0)
		return fd;
	close(fd);
	if (!dsu_fd_low)
		dsu_fd_low = to;
	if (to == dsu_fd_high + 1 || dsu_fd_high < 0)
		dsu_fd_high = to;
	return to;
}

static struct dsu_block *create_block(int *fd)
{
	struct dsu_block *b;

	*fd = memfd_create(DSU_CONTROL_NAME, MFD_CLOEXEC);
	if (*fd < 0 || fchmod(*fd, 0600) < 0 || ftruncate(*fd, sizeof *b) < 0)
		return NULL;
	b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	return b == MAP_FAILED ? NULL : b;
}

/*
 * Of `wait` only the reading end is kept: dsuctl's is then the only writing one, and its death an
 * end of file. Of `notify` both, so that telling nobody is no SIGPIPE.
 */
static int create_pipes(void)
{
	int w[2], n[2];

	for (int i = 0; i < 2; i++) {
		if (pipe2(w, O_CLOEXEC) < 0)
			return -1;
		close(w[1]);
		dsu_fds.wait[i] = move(w[0]);
	}
	if (pipe2(n, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	dsu_fds.notify = move(n[1]);
	move(n[0]);
	return 0;
}

void dsu_family_init(void)
{
	struct dsu_block *b;
	int control, arena;

	dsu_fault_init();
	b = create_block(&control);
	if (!b)
		return;
	dsu_fds.control = move(control);
	arena = dsu_arena_init();
	if (arena < 0 || create_pipes() < 0) {
		close(dsu_fds.control);
		munmap(b, sizeof *b);
		return;
	}
	dsu_fds.arena = move(arena);
	b->fds = dsu_fds;
	b->abi = DSU_ABI;
	b->size = sizeof *b;
	b->flags = dsu_mode;
	dsu_block = b;
	dsu_threads_init();
	dsu_living = 1;
	dsu_thread_begin(&dsu_thread);
	dsu_slot_take(&dsu_thread, dsu_slot_claim(-1));
	dsu_fork_init();
	dsu_interrupt_init();
	memcpy(b->magic, DSU_BLOCK_MAGIC, sizeof b->magic); /* last: now it may be found */
}
