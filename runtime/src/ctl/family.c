/* family.c - find a program's control block, and who of it lives. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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
	f->fds = f->block->fds;
	return EXIT_DONE;
}

static int sane_bound(const struct dsu_ledger *l)
{
	uint64_t at = l->bound - l->arena, n = l->nbound * (uint64_t)sizeof(struct dsu_bound);

	return !l->nbound || (at < DSU_PATCH_DATA && at % 8 == 0 && n <= DSU_PATCH_DATA - at);
}

static int sane(const struct dsu_ledger *l, uint64_t size)
{
	return l->npatches <= DSU_PATCHES && l->top <= l->npatches && l->hand < DSU_PATCHES &&
	       l->trust.nkeys <= DSU_KEYS && l->signal >= SIGRTMIN && l->signal <= SIGRTMAX &&
	       l->arena_used >= DSU_LEDGER_ROOM && l->arena_used <= DSU_PATCH_DATA &&
	       l->arena_used % 4096 == 0 && l->arena_size == DSU_PATCH_DATA && sane_bound(l) &&
	       l->text_offset >= l->arena_size && l->text_size <= size &&
	       l->text_offset <= size - l->text_size;
}

/* It was made by the one who started the program, like the block; its processes only read it. */
static int map_arena(struct family *f, struct reasons *why)
{
	int fd = family_fd(f, f->fds.arena, O_RDONLY);
	struct stat st = {0};

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != f->owner ||
		st.st_size < (off_t)DSU_PATCH_DATA) {
		because(why, "process %d has closed the runtime's descriptors", f->pid);
	} else {
		void *at = mmap(NULL, DSU_PATCH_DATA, PROT_READ, MAP_SHARED, fd, 0);

		f->arena = at == MAP_FAILED ? NULL : at;
		f->ledger = (const void *)f->arena;
		f->arena_inode = st.st_ino;
		if (!f->arena)
			because(why, "cannot map the family's arena: %s", strerror(errno));
		else if (memcmp(f->ledger->magic, DSU_LEDGER_MAGIC, sizeof f->ledger->magic))
			because(why,
				"process %d runs under another libdsu: its ledger is not one "
				"that this dsuctl knows",
				f->pid);
		else if (!sane(f->ledger, (uint64_t)st.st_size))
			because(why, "process %d: its ledger is damaged", f->pid);
	}
	if (fd >= 0)
		close(fd);
	return why->len ? EXIT_REFUSED : EXIT_DONE;
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
	if (r == EXIT_DONE)
		r = map_arena(f, why);
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
	if (f->arena)
		munmap((void *)(uintptr_t)f->arena, DSU_PATCH_DATA);
	if (f->control >= 0)
		close(f->control);
}

/* The kernel translates the pid of a lock's holder into our namespace. 0: nobody holds it. */
static pid_t holder(const struct family *f, int process)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = process, .l_len = 1};

	if (fcntl(f->control, F_GETLK, &l) < 0 || l.l_type == F_UNLCK)
		return 0;
	return l.l_pid;
}

/* Of the process that a thread's slot belongs to. 0: it is dead. */
pid_t slot_pid(const struct family *f, int slot)
{
	return holder(f, dsu_process_of(f->block, slot));
}

/* ---- threads ---- */

/* The last number of a line "NSpid: ...": as the thread sees itself. */
static pid_t innermost(pid_t pid, pid_t tid)
{
	char path[64], line[256];
	pid_t inner = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/task/%d/status", pid, tid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof line, file))
		if (!strncmp(line, "NSpid:", 6)) {
			const char *last = strrchr(line, '\t');

			inner = last ? atoi(last + 1) : 0;
			break;
		}
	fclose(file);
	return inner;
}

/* The threads of one process that lives in another pid namespace: their tids in ours. */
static void translate(const struct family *f, struct member *m, int n, const struct member *first)
{
	char path[64];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%d/task", first->pid);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		pid_t tid = atoi(e->d_name), inner = tid ? innermost(first->pid, tid) : 0;

		for (int i = 0; inner && i < n; i++)
			if (m[i].process == first->process && !m[i].tid &&
				f->block->slots[m[i].slot].tid == inner)
				m[i].tid = tid;
	}
	if (d)
		closedir(d);
}

static void find_tids(const struct family *f, struct member *m, int n)
{
	static uint8_t foreign[DSU_SLOTS];

	memset(foreign, 0, sizeof foreign);
	for (int i = 0; i < n; i++) {
		const struct dsu_slot *s = &f->block->slots[m[i].slot];

		if (DSU_LOAD(&s->tid) == s->pid)
			m[i].tid = m[i].pid; /* the first thread, by whatever name */
		else if (f->block->slots[m[i].process].pid == m[i].pid)
			m[i].tid = DSU_LOAD(&s->tid);
		else if (!foreign[m[i].process]++)
			translate(f, m, n, &m[i]);
	}
}

/* All threads, in the order of their slots. */
int family_members(const struct family *f, struct member *m)
{
	static pid_t pids[DSU_SLOTS]; /* asked for once a process */
	int n = 0;

	memset(pids, 0xff, sizeof pids);
	for (int i = 0; i < DSU_SLOTS; i++) {
		unsigned kind = DSU_KIND(DSU_LOAD(&f->block->states[i]));
		int process;

		/* Before the slot is touched: each lies on a cache line of its own, and most are free. */
		if (kind == DSU_FREE)
			continue;
		process = dsu_process_of(f->block, i);
		if (pids[process] < 0)
			pids[process] = holder(f, process);
		if (pids[process])
			m[n++] = (struct member){i, process, pids[process], 0, kind == DSU_ENDED};
	}
	find_tids(f, m, n);
	return n;
}

/* Does it stand for its process? */
int member_leads(const struct member *m)
{
	return m->slot == m->process;
}

/* For a sentence; overwritten by the next one. */
const char *member_name(const struct member *m)
{
	static char name[64];

	if (m->tid && m->tid != m->pid)
		snprintf(name, sizeof name, "process %d, thread %d", m->pid, m->tid);
	else
		snprintf(name, sizeof name, "process %d", m->pid);
	return name;
}

int count_processes(const struct member *m, int n)
{
	int processes = 0;

	for (int i = 0; i < n; i++)
		processes += member_leads(&m[i]);
	return processes;
}

/* A descriptor of the family's processes, opened anew; the named one may have died meanwhile. */
int family_fd(const struct family *f, int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/fd/%d", f->pid, fd);
	return open(path, flags | O_CLOEXEC);
}

/* The version that `top` stands for. */
void family_version_at(const struct dsu_ledger *l, uint32_t top, uint8_t version[20])
{
	memcpy(version, top && top <= l->npatches ? l->patches[top - 1].to : l->build_id, 20);
}

void family_version(const struct dsu_ledger *l, uint8_t version[20])
{
	family_version_at(l, l->top, version);
}

/* Indices of the patches below and at `top`, the oldest first. Gives their number. */
unsigned family_chain(const struct dsu_ledger *l, uint32_t top, uint32_t chain[DSU_PATCHES])
{
	unsigned n = 0;

	/* `top` may be what a process says of itself: a chain that runs in a circle must not keep us. */
	for (uint32_t at = top; at && at <= l->npatches && n < DSU_PATCHES;
		at = l->patches[at - 1].below)
		chain[n++] = at - 1;
	for (unsigned i = 0; i < n / 2; i++) {
		uint32_t k = chain[i];

		chain[i] = chain[n - 1 - i];
		chain[n - 1 - i] = k;
	}
	return n;
}
