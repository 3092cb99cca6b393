/*
 * refile.c - the content of an open file written anew, and the file replaced by rename().
 *
 * Before the decision the new content is written to a file beside the old one. Its name is made of
 * the family and the round, so that of several processes which have the file open one writes it and
 * the others find it; nobody else's eyes see it. Decided, it takes the old one's name and the old
 * descriptor's number: what opens the file by its name sees the old content or the new, whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "family.h"
#include "hook.h"
#include "xform.h"

#define MOST 64

static struct opened {
	char path[1024], aside[1024];
	int fd, fresh, from, to; /* `fresh` takes the place of `fd` */
	int at_end;              /* the old descriptor was there */
	long position;
} opened[MOST];
static DSU_TOUCHED unsigned nopened;

static int refuse(const struct dsu_file *f, const char *why)
{
	return dsu_xform_refuse(why, f->name);
}

/* In the folder of the old file, by a name that this update alone has. */
static int name_aside(struct opened *o)
{
	struct stat family;
	char suffix[48];

	if (!dsu_block || fstat(dsu_fds.control, &family))
		return 0;
	snprintf(suffix, sizeof suffix, ".dsu-%lx-%x", (unsigned long)family.st_ino,
		(unsigned)DSU_ROUND(DSU_LOAD(&dsu_block->phase)));
	if (strlen(o->path) + strlen(suffix) >= sizeof o->aside)
		return 0;
	strcat(strcpy(o->aside, o->path), suffix);
	return 1;
}

/* This process is the one that writes it. */
static int write_anew(const struct dsu_file *f, struct opened *o, const struct stat *old)
{
	const char *why;

	o->from = open(o->path, O_RDONLY | O_CLOEXEC);
	if (o->from < 0)
		return refuse(f, "the file cannot be read");
	dsu_xform_runs(f->name);
	why = f->rewrite(o->from, o->to);
	dsu_xform_runs(NULL);
	if (why)
		return refuse(f, why);
	if (fchown(o->to, old->st_uid, old->st_gid) && errno != EPERM)
		return refuse(f, "the new file cannot have the old one's owner");
	if (fchmod(o->to, old->st_mode & 07777) || fsync(o->to))
		return refuse(f, "the new file cannot be written");
	return 1;
}

static int only_appends(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags & O_APPEND && (flags & O_ACCMODE) == O_WRONLY;
}

/* Where the new descriptor will stand. */
static int find_position(const struct dsu_file *f, struct opened *o, const struct stat *old)
{
	long at = lseek(o->fd, 0, SEEK_CUR);

	o->at_end = !f->position && (at == old->st_size || only_appends(o->fd));
	o->position = 0;
	if (f->position && at >= 0) {
		dsu_xform_runs(f->name);
		o->position = f->position(at);
		dsu_xform_runs(NULL);
	} else if (at && !o->at_end) {
		return refuse(f, "its descriptor stands in the middle, and no 'position' is given");
	}
	return 1;
}

static int open_anew(const struct dsu_file *f, struct opened *o, const struct stat *old)
{
	int flags = fcntl(o->fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC);

	o->to = open(o->aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (o->to < 0 && errno != EEXIST)
		return refuse(f, "no file can be made beside it");
	o->fresh = open(o->aside, flags | O_CLOEXEC);
	if (o->fresh < 0)
		return refuse(f, "the new file cannot be opened");
	return (o->to < 0 || write_anew(f, o, old)) && find_position(f, o, old);
}

static int prepare(const struct dsu_file *f)
{
	struct opened *o = &opened[nopened];
	struct stat old, named;
	const char *path;

	dsu_xform_runs(f->name);
	o->fd = f->descriptor();
	path = o->fd < 0 ? NULL : f->path();
	dsu_xform_runs(NULL);
	if (o->fd < 0)
		return 1;
	if (nopened == MOST || !path || strlen(path) >= sizeof o->path)
		return refuse(f, "its path cannot be used");
	strcpy(o->path, path);
	if (fstat(o->fd, &old) || !S_ISREG(old.st_mode))
		return refuse(f, "its descriptor is not that of an ordinary file");
	if (lstat(path, &named) || named.st_dev != old.st_dev || named.st_ino != old.st_ino)
		return refuse(f, "its path does not lead to the file that is open");
	if (old.st_nlink != 1)
		return refuse(f, "it has several names, of which one would be replaced");
	if (!name_aside(o))
		return refuse(f, "its path cannot be used");
	o->fresh = o->from = o->to = -1;
	nopened++;
	return open_anew(f, o, &old);
}

int dsu_files_prepare(const struct dsu_patch *p)
{
	nopened = 0;
	for (const struct dsu_file *const *f = p->files; f && *f; f++) {
		if (dsu_block && dsu_block->slots[dsu_slot].sandboxed)
			return refuse(*f, "a sandboxed process can replace no file");
		if (!prepare(*f))
			return 0;
	}
	return 1;
}

/* Whoever comes first renames; it is the same file for all. */
static void replace(const struct opened *o)
{
	int close_on_exec = fcntl(o->fd, F_GETFD) & FD_CLOEXEC;

	if (rename(o->aside, o->path) && errno != ENOENT)
		dsu_die("%s cannot become %s: %s", o->aside, o->path, strerror(errno));
	lseek(o->fresh, o->at_end ? 0 : o->position, o->at_end ? SEEK_END : SEEK_SET);
	if (dup3(o->fresh, o->fd, close_on_exec ? O_CLOEXEC : 0) < 0)
		dsu_die("the new %s cannot take its descriptor: %s", o->path, strerror(errno));
}

static void close_all(const struct opened *o)
{
	const int fds[] = {o->fresh, o->from, o->to};

	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

void dsu_files_end(int forward)
{
	for (unsigned i = 0; i < nopened; i++) {
		if (forward)
			replace(&opened[i]);
		else
			unlink(opened[i].aside);
		close_all(&opened[i]);
	}
	nopened = 0;
}
