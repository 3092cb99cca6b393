/* Shared memory to which pointers into its middle are found before the one to its start. */
#include <sys/mman.h>

#include "serve.h"

struct slot {
	unsigned served;
	char last[16];
};

struct board {
	long total;
	struct slot slots[4];
};

static struct board *board;

static int serve(struct slot *mine)
{
	char line[16];

	while (ask(line, sizeof line)) {
		mine->served++;
		board->total += 10;
		strcpy(mine->last, line);
		answer("old %u %ld %s %d", mine->served, board->total, board->slots[2].last, (int)(mine - board->slots));
	}
	return 0;
}

int main(void)
{
	board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return serve(&board->slots[2]);
}
