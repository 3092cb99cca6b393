/*
 * shared.c - objects in memory that the processes of a family share.
 *
 * They are converted where they are: no process could give others new memory at an address of its
 * choice. Every process works out the new bytes from the old ones, while all stand, into memory of its
 * own; after the decision each takes the family's lock and writes what none has written yet, before it
 * runs on, so that nobody runs on what is half written and nobody's later work is written over. If
 * the one that writes dies, another does it again. A mapping is known by its device and inode.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "family.h"
#include "shared.h"

#define MOST 64

static struct mapping {
	char *low, *high;
	uint64_t key;
	uint32_t index;
	const char *bytes;
} mappings[MOST];
static unsigned n;

void dsu_shared_begin(void)
{
	n = 0;
}

static struct mapping *mapping_of(const char *p)
{
	for (unsigned i = 0; i < n; i++)
		if (p >= mappings[i].low && p <= mappings[i].high)
			return &mappings[i];
	return NULL;
}

int dsu_shared_find(char *p, struct dsu_heap_block *block)
{
	const struct mapping *m = mapping_of(p);

	if (!m)
		return 0;
	*block = (struct dsu_heap_block){m->low, (size_t)(m->high - m->low), m->index, 4096};
	return 1;
}

static uint64_t key_of(unsigned major_, unsigned minor_, unsigned long inode)
{
	uint64_t key = ((uint64_t)makedev(major_, minor_) << 32 ^ inode) & ((1UL << 40) - 1);

	return key | (uint64_t)DSU_ROUND(DSU_LOAD(&dsu_block->phase)) << 40;
}

/* A line of /proc/self/maps: is it a shared, writable mapping that `p` lies in? */
static int read_line(const char *line, const char *p, struct mapping *m)
{
	unsigned long low, high, inode;
	unsigned major_, minor_;
	char may[5];

	if (sscanf(line, "%lx-%lx %4s %*x %x:%x %lu", &low, &high, may, &major_, &minor_, &inode) !=
		6)
		return 0;
	if (may[1] != 'w' || may[3] != 's' || (unsigned long)p < low || (unsigned long)p >= high)
		return 0;
	*m = (struct mapping){.low = (char *)low, .high = (char *)high};
	m->key = key_of(major_, minor_, inode);
	return 1;
}

static int look(const char *p, struct mapping *m)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC), found = 0;
	char text[4097];
	size_t have = 0;
	ssize_t got;

	if (fd < 0)
		return 0;
	while (!found && (got = read(fd, text + have, sizeof text - 1 - have)) > 0) {
		char *line = text, *end;

		have += (size_t)got;
		text[have] = 0;
		for (; !found && (end = strchr(line, '\n')); line = end + 1) {
			*end = 0;
			found = read_line(line, p, m);
		}
		have -= (size_t)(line - text);
		memmove(text, line, have);
	}
	close(fd);
	return found;
}

int dsu_shared_look(char *p, struct dsu_heap_block *block)
{
	if (!dsu_block || dsu_block->slots[dsu_slot].sandboxed || n == MOST ||
		!look(p, &mappings[n]))
		return 0;
	n++;
	return dsu_shared_find(p, block);
}

int dsu_shared_keep(const struct dsu_heap_block *block, uint32_t index)
{
	struct mapping *m = dsu_shared_size(block->at) ? mapping_of(block->at) : NULL;

	if (m)
		m->index = index;
	return m != NULL;
}

size_t dsu_shared_size(const char *at)
{
	const struct mapping *m = mapping_of(at);

	return m && m->low == at ? (size_t)(m->high - m->low) : 0;
}

void dsu_shared_becomes(const char *at, const char *bytes)
{
	struct mapping *m = mapping_of(at);

	if (m)
		m->bytes = bytes;
}

static void lock(void)
{
	const struct timespec moment = {0, 50000};
	uint32_t was, mine = (uint32_t)dsu_slot + 1;

	for (unsigned tries = 1;; tries++) {
		was = 0;
		if (__atomic_compare_exchange_n(&dsu_block->shared_lock, &was, mine, 0,
			    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return;
		if (tries % 64 == 0 && (was > DSU_SLOTS || dsu_slot_dead((int)was - 1)) &&
			__atomic_compare_exchange_n(&dsu_block->shared_lock, &was, mine, 0,
				__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return;
		nanosleep(&moment, NULL);
	}
}

/* Under the lock. */
static void write_once(const struct mapping *m)
{
	struct dsu_block *b = dsu_block;
	unsigned i;

	for (i = 0; i < DSU_SHARED && b->shared[i] >> 40 == m->key >> 40; i++)
		if (b->shared[i] == m->key)
			return;
	if (i == DSU_SHARED)
		dsu_die("the family shares more memory than there is room to tell of");
	memcpy(m->low, m->bytes, (size_t)(m->high - m->low));
	DSU_STORE(&b->shared[i], m->key);
}

void dsu_shared_commit(void)
{
	unsigned i;

	for (i = 0; i < n && !mappings[i].bytes; i++)
		;
	if (i == n)
		return;
	lock();
	for (; i < n; i++)
		if (mappings[i].bytes)
			write_once(&mappings[i]);
	DSU_STORE(&dsu_block->shared_lock, 0);
}
