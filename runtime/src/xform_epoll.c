/*
 * xform_epoll.c - addresses of objects that the kernel keeps in epoll sets.
 *
 * /proc/self/fdinfo shows all that a set holds. What has moved is entered anew once the update is
 * decided; before that it is entered as it is, so that what cannot be done is known in time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "epoll.h"
#include "xform_in.h"

struct dsu_watched {
	struct dsu_watched *next;
	int set, fd;
	struct epoll_event event;
};

static int enter(const struct dsu_watched *w)
{
	struct epoll_event event = w->event;

	if (!(event.events & EPOLLEXCLUSIVE))
		return epoll_ctl(w->set, EPOLL_CTL_MOD, w->fd, &event) == 0;
	/* Linux changes no such entry. */
	return epoll_ctl(w->set, EPOLL_CTL_DEL, w->fd, &event) == 0 &&
	       epoll_ctl(w->set, EPOLL_CTL_ADD, w->fd, &event) == 0;
}

static int moves(struct dsu_watched w)
{
	struct dsu_watched *kept;
	char *to = w.event.data.ptr;

	if (!dsu_new_address(&dsu_any_pointer.parts[0], to, &to))
		return 0;
	if (to == w.event.data.ptr)
		return 1;
	if (!enter(&w))
		return dsu_xform_fail("an epoll set watches a file that has another descriptor now",
			strerrordesc_np(errno), NULL);
	kept = dsu_xform_take(sizeof *kept);
	if (!kept)
		return dsu_xform_no_memory();
	w.event.data.ptr = to;
	w.next = dsu_x.watched;
	*kept = w;
	dsu_x.watched = kept;
	return 1;
}

/* A line of the set's description, "tfd: 5 events: 19 data: 7f0012345678 ..."; others say nothing. */
static int line(int set, const char *text)
{
	struct dsu_watched w = {.set = set};
	unsigned long long data;

	if (sscanf(text, "tfd: %d events: %x data: %llx", &w.fd, &w.event.events, &data) != 3)
		return 1;
	w.event.data.u64 = data;
	return data < 4096 || moves(w);
}

static int lines(int set, int fd)
{
	char text[4096];
	size_t have = 0;
	ssize_t n;
	int ok = 1;

	while (ok && (n = read(fd, text + have, sizeof text - 1 - have)) > 0) {
		char *at = text, *end;

		have += (size_t)n;
		text[have] = 0;
		for (; ok && (end = strchr(at, '\n')); at = end + 1) {
			*end = 0;
			ok = line(set, at);
		}
		have -= (size_t)(at - text);
		memmove(text, at, have);
	}
	return ok;
}

static int look_at(int set)
{
	char name[64];
	int fd, ok;

	snprintf(name, sizeof name, "/proc/self/fdinfo/%d", set);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 1; /* it has been closed */
	ok = lines(set, fd);
	close(fd);
	return ok;
}

int dsu_epoll_redirect(void)
{
	if (!dsu_x.may_map)
		return 1; /* a sandbox: nothing can be asked */
	if (dsu_epoll_beyond)
		return dsu_xform_fail(
			"an epoll set has a descriptor that is too large to be watched",
			"epoll_create", NULL);
	for (int i = 0; i < DSU_EPOLL_MOST / 64; i++)
		for (uint64_t bits = dsu_epoll_sets[i]; bits; bits &= bits - 1)
			if (!look_at(64 * i + __builtin_ctzl(bits)))
				return 0;
	return 1;
}

void dsu_epoll_commit(void)
{
	for (const struct dsu_watched *w = dsu_x.watched; w; w = w->next)
		enter(w);
}
