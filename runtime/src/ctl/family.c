/* family.c - find a program's control block, and who of it lives. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"

/* 1: found, its path in `path`. 0: none. -1: errno. */
int family_has_control(pid_t pid, char *path, size_t n)
{
	char dir[64], name[320], to[64];
	struct dirent *e;
	DIR *d;

	snprintf(dir, sizeof dir, "/proc/%d/fd", pid);
	d = opendir(dir);
	if (!d)
		return -1;
	while ((e = readdir(d))) {
		ssize_t len;

		snprintf(name, sizeof name, "%s/%s", dir, e->d_name);
		len = readlink(name, to, sizeof to - 1);
		if (len < 0)
			continue;
		to[len] = 0;
		if (!strncmp(to, "/memfd:" DSU_CONTROL_NAME,
			    sizeof "/memfd:" DSU_CONTROL_NAME - 1)) {
			snprintf(path, n, "%s", name);
			closedir(d);
			return 1;
		}
	}
	closedir(d);
	return 0;
}

static int map(struct family *f, const char *path, struct reasons *why)
{
	struct stat st;

	f->control = open(path, O_RDWR | O_CLOEXEC);
	if (f->control < 0 || fstat(f->control, &st) < 0) {
		because(why, "process %d: not permitted: %s", f->pid, strerror(errno));
		return EXIT_REFUSED;
	}
	f->owner = st.st_uid;
	if (st.st_size < (off_t)sizeof *f->block) {
		because(why,
			"process %d runs under another libdsu: its control block has another size",
			f->pid);
		return EXIT_REFUSED;
	}
	f->block = mmap(NULL, sizeof *f->block, PROT_READ | PROT_WRITE, MAP_SHARED, f->control, 0);
	if (f->block == MAP_FAILED) {
		f->block = NULL;
		because(why, "process %d: %s", f->pid, strerror(errno));
		return EXIT_REFUSED;
	}
	if (memcmp(f->block->magic, DSU_BLOCK_MAGIC, 8) || f->block->abi != DSU_ABI ||
		f->block->size != sizeof *f->block) {
		because(why, "process %d runs under another libdsu: ABI %u, this dsuctl knows %u",
			f->pid, f->block->abi, DSU_ABI);
		return EXIT_REFUSED;
	}
	/* The block belongs to the program; one that was taken over must not take us over. */
	f->signal = f->block->signal;
	if (f->block->npatches > DSU_PATCHES || f->signal < SIGRTMIN || f->signal > SIGRTMAX ||
		f->block->arena_used > DSU_PATCH_DATA || f->block->arena_size != DSU_PATCH_DATA) {
		because(why, "process %d: its control block is damaged", f->pid);
		return EXIT_REFUSED;
	}
	return EXIT_DONE;
}

/* An exit code. */
int family_open(struct family *f, pid_t pid, struct reasons *why)
{
	char path[384];
	ssize_t n;
	int has, r;

	memset(f, 0, sizeof *f);
	f->pid = pid;
	f->control = -1;
	has = family_has_control(pid, path, sizeof path);
	if (has < 0 && (errno == ENOENT || errno == ESRCH)) {
		because(why, "there is no process %d", pid);
		return EXIT_NONE;
	}
	if (has < 0) {
		because(why, "process %d: not permitted: %s", pid, strerror(errno));
		return EXIT_REFUSED;
	}
	if (!has) {
		because(why, "process %d does not run under libdsu", pid);
		return EXIT_NONE;
	}
	r = map(f, path, why);
	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	n = readlink(path, f->exe, sizeof f->exe - 1);
	if (n > 0)
		f->exe[n] = 0;
	return r;
}

void family_close(struct family *f)
{
	if (f->block)
		munmap(f->block, sizeof *f->block);
	if (f->control >= 0)
		close(f->control);
}

/* The kernel translates the pid of a lock's holder into our namespace. 0: nobody holds it. */
pid_t slot_pid(const struct family *f, int slot)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = slot, .l_len = 1};

	if (fcntl(f->control, F_GETLK, &l) < 0 || l.l_type == F_UNLCK)
		return 0;
	return l.l_pid;
}

int family_members(const struct family *f, struct member *m)
{
	int n = 0;

	for (int i = 0; i < DSU_SLOTS; i++)
		if (DSU_KIND(DSU_LOAD(&f->block->states[i])) != DSU_FREE) {
			pid_t pid = slot_pid(f, i);

			if (pid)
				m[n++] = (struct member){i, pid};
		}
	return n;
}

/* A descriptor of the family's processes, opened anew; the named one may have died meanwhile. */
int family_fd(const struct family *f, int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/fd/%d", f->pid, fd);
	return open(path, flags | O_CLOEXEC);
}

void family_version(const struct dsu_block *b, uint8_t version[20])
{
	memcpy(version, b->npatches ? b->patches[b->npatches - 1].to : b->build_id, 20);
}
