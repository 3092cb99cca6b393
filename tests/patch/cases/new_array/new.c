#include "serve.h"

struct mirror {
	char text[4096];
	int length;
};

static void turn(struct mirror *m, const char *line)
{
	m->length = (int)strlen(line);
	for (int i = 0; i < m->length; i++)
		m->text[i] = line[m->length - 1 - i];
	m->text[m->length] = 0;
}

/* New variables with an address, in a block that nobody is in while they wait. */
int main(void)
{
	char line[64];
	int count = 0;

	while (ask(line, sizeof line)) {
		struct mirror mirror;
		char again[64] = "";

		count++;
		turn(&mirror, line);
		answer("new %d %s", count, mirror.text);
		if (ask(again, sizeof again))
			answer("%s %s", mirror.text, again);
	}
	return 0;
}
