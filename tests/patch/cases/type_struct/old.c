#include "serve.h"

enum mode { IDLE, BUSY, DONE };

struct inner {
	short x;
	char name[8];
};

struct session {
	int id;
	unsigned flag : 3, wide : 9;
	struct inner inner[2];
	enum mode mode;
	struct inner *last;
	char *cursor;
	union {
		int number;
		char bytes[4];
	};
	int (*weigh)(int);
	char text[16];
};

static int twice(int x)
{
	return 2 * x;
}

static struct session session;
static struct session *current = &session;
static char *end = session.text + 16;
static short small = 5;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		static struct inner seen;

		if (!current->last) {
			current->last = &session.inner[1];
			current->cursor = session.text + 2;
			current->weigh = twice;
			session.flag = 5;
			session.wide = 300;
			session.mode = BUSY;
			session.number = 77;
			end -= 0;
		}
		seen.x++;
		small++;
		session.id++;
		strcpy(session.text, line);
		strcpy(current->last->name, line);
		answer("old %d %d %d %d %s %s %d %d", session.id, seen.x, small, session.mode, current->cursor,
			session.inner[1].name, current->weigh(session.flag), (int)(end - session.text));
	}
	return 0;
}
