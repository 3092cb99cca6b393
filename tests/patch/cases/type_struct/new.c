#include "serve.h"

enum mode { NONE, IDLE, STARTING, BUSY, DONE };

struct inner {
	int added;
	int x;
	char name[12];
};

struct session {
	char text[24];
	long id;
	long total;
	unsigned wide : 10, extra : 3, flag : 4;
	struct inner inner[3];
	enum mode mode;
	char *cursor;
	struct inner *last;
	int (*weigh)(int);
	union {
		int number;
		char bytes[4];
	};
};

static int twice(int x)
{
	return 2 * x;
}

static struct session session = {.total = 1000};
static struct session *current = &session;
static char *end = session.text + 16;
static long small = 5;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		static struct inner seen;

		seen.x++;
		small++;
		session.id++;
		session.total++;
		strcpy(session.text, line);
		strcpy(current->last->name, line);
		answer("new %ld %ld %d %ld %d %s %s %d %d %d %d %d", session.id, session.total, seen.x, small,
			session.mode, current->cursor, session.inner[1].name, current->weigh(session.flag),
			session.wide, session.number, (int)(end - session.text), current == &session);
	}
	return 0;
}
