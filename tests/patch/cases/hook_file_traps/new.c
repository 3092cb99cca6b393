#include <fcntl.h>
#include <sys/stat.h>

#include "serve.h"

/* A journal of groups of three bytes; the name of another program may lead to it, too. */
static char name[4096];
static int journal;

static int same_file(void)
{
	struct stat a, b;

	return stat(name, &a) == 0 && fstat(journal, &b) == 0 && a.st_ino == b.st_ino &&
	       (a.st_mode & 0777) == 0640 && a.st_nlink == 1;
}

static void show(const char *version)
{
	char text[64];
	long n = pread(journal, text, sizeof text - 1, 0);

	text[n < 0 ? 0 : n] = 0;
	answer("%s %s %ld %d", version, text, (long)lseek(journal, 0, SEEK_CUR), same_file());
}

int main(int argc, char **argv)
{
	char line[8];

	snprintf(name, sizeof name, "%s.journal", argv[argc - 1]);
	journal = open(name, O_RDWR | O_CREAT | O_TRUNC, 0640);
	fchmod(journal, 0640);
	while (ask(line, sizeof line)) {
		write(journal, line, 1);
		write(journal, "=+", 2);
		show("new");
	}
	return 0;
}
