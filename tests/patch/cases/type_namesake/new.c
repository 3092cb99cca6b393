/* Tags have names of their own: functions, variables, members and types are called like them. */
#include <stdlib.h>
#include <string.h>

#include "serve.h"

enum color { RED, GREEN };

struct __attribute__((aligned(16))) room {
	struct room *next;
	enum color color;
	int added;
	int room;
};

struct guest {
	struct guest *guest;
	int since;
	struct room *room;
};

typedef struct guest guest;

union key {
	int number;
	char letter;
};

static struct room *rooms;
static guest *guests;
static union key key = {7};
static enum color color = GREEN;

static struct room *room(int number)
{
	struct room *r;

	for (r = rooms; r; r = r->next)
		if (r->room == number)
			return r;
	r = aligned_alloc(16, sizeof *r);
	memset(r, 0, sizeof *r);
	*r = (struct room){.next = rooms, .color = color, .room = number};
	return rooms = r;
}

static void enter(int number)
{
	guest *g = malloc(sizeof *g);

	*g = (guest){guests, 1, room(number)};
	guests = g;
}

int main(void)
{
	char line[16];

	enter(1);
	enter(2);
	enter(1);
	while (ask(line, sizeof line)) {
		int n = 0;

		enter(3);
		for (guest *g = guests; g; g = g->guest)
			n = 10 * n + g->room->added + g->room->room + g->room->color - GREEN;
		answer("new %d %d", n, key.number);
	}
	return 0;
}
