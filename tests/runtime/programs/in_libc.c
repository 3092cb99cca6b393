/*
 * in_libc.c - waits in functions of libc that make the system call themselves; argv[1] says in which,
 * argv[2] is a FIFO. Another process opens it and writes a line. For dsucc.
 */
#define _GNU_SOURCE
#include <aio.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

static const char *fifo;

/* Something of the frame, to be right afterwards. */
static int by_fopen(void)
{
	char line[16] = "";
	FILE *f = fopen(fifo, "r");

	return f && fgets(line, sizeof line, f) && !strcmp(line, "line\n") && !fclose(f);
}

static int by_freopen(void)
{
	char line[16] = "";
	FILE *f = fopen("/dev/null", "r");

	f = f ? freopen(fifo, "r", f) : NULL;
	return f && fgets(line, sizeof line, f) && !strcmp(line, "line\n") && !fclose(f);
}

static FILE *opened(void)
{
	return fdopen(open(fifo, O_RDWR), "r");
}

static int by_fgetws(void)
{
	wchar_t line[16] = L"";
	FILE *f = opened();

	return fgetws(line, 16, f) && !wcscmp(line, L"line\n");
}

static int by_fgetwc(void)
{
	FILE *f = opened();

	return fgetwc(f) == L'l' && getwc(f) == L'i';
}

static int by_aio_suspend(void)
{
	static char line[16]; /* another thread writes there whenever it likes */
	static struct aiocb a;
	const struct aiocb *all[] = {&a};

	a = (struct aiocb) {.aio_fildes = open(fifo, O_RDWR), .aio_buf = line, .aio_nbytes = 5};
	if (aio_read(&a) || aio_suspend(all, 1, NULL))
		return 0;
	return aio_return(&a) == 5;
}

static const struct way {
	const char *name;
	int (*wait)(void);
} ways[] = {
	{"fopen", by_fopen},
	{"freopen", by_freopen},
	{"fgetws", by_fgetws},
	{"fgetwc", by_fgetwc},
	{"aio_suspend", by_aio_suspend},
};

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	fifo = argv[2];
	for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++)
		if (!strcmp(ways[i].name, argv[1])) {
			if (write(1, "ready\n", 6) != 6)
				return 2;
			return ways[i].wait() ? 0 : 1;
		}
	return 2;
}
