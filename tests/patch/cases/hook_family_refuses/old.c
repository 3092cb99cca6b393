#include <fcntl.h>
#include <glob.h>

#include "serve.h"

/* Parent and child have one file open, each by a descriptor of its own. */
static char name[4096];
static int journal, is_child;
static int to_child[2], to_parent[2];

static void see(char *text)
{
	long n = pread(journal, text, 63, 0);

	text[n < 0 ? 0 : n] = 0;
}

/* How many files there are whose name begins like the journal's. */
static int files(void)
{
	char pattern[sizeof name + 2];
	glob_t found;
	int n;

	snprintf(pattern, sizeof pattern, "%s*", name);
	n = glob(pattern, 0, NULL, &found) ? 0 : (int)found.gl_pathc;
	globfree(&found);
	return n;
}

static void child(void)
{
	char text[64];

	is_child = 1;
	journal = open(name, O_RDWR | O_APPEND);
	close(to_child[1]);
	while (read(to_child[0], text, 1) == 1) {
		write(journal, "c-", 2);
		see(text);
		write(to_parent[1], text, 64);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	char line[8], mine[64], its[64];

	snprintf(name, sizeof name, "%s.journal", argv[argc - 1]);
	journal = open(name, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
	if (pipe(to_child) || pipe(to_parent))
		return 1;
	if (fork() == 0)
		child();
	close(to_child[0]);
	while (ask(line, sizeof line)) {
		write(journal, "p-", 2);
		write(to_child[1], line, 1);
		read(to_parent[0], its, sizeof its);
		see(mine);
		answer("old %s %s %d", mine, its, files());
	}
	return 0;
}
