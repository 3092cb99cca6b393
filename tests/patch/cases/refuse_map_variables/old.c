/* Variables alone lead to what changes, and to what looks like it, and do not say so. */
#include "serve.h"

struct session {
	int number;
	char text[28];
};

struct box {
	void *any;
};

static void *last;
static void **rows;
static void *scratch[2];
static int used;
static struct box kept;

static void add(const char *name)
{
	struct session *s = calloc(1, sizeof *s);

	s->number = used;
	strcpy(s->text, name);
	rows[used++] = last = kept.any = s;
	free(scratch[1]);
	scratch[1] = scratch[0];
	scratch[0] = strcpy(calloc(1, sizeof *s), name);
}

int main(void)
{
	char line[16];

	rows = calloc(8, sizeof *rows);
	while (ask(line, sizeof line)) {
		struct session *first, *s;

		add(line);
		first = rows[0];
		s = kept.any ? kept.any : last;
		answer("old %s%d %s%d %s", first->text, first->number, s->text, s->number,
			(char *)scratch[0]);
		if (!first->text[0])
			return 1;
	}
	return 0;
}
