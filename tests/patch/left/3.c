/* Version 3 of three: what a `void *` leads to loses its end, and then gets something in front. */
#include "serve.h"

struct data {
	long front;
	int number;
	char *name;
	long hits;
	long first, second;
};

struct plugin {
	const char *title;
	void *data;
};

static struct plugin plugins[4];
static int used;

static void add(const char *name)
{
	struct data *d = calloc(1, sizeof *d);

	d->number = used;
	d->name = strdup(name);
	d->second = 100 + used;
	plugins[used].title = "plugin";
	plugins[used++].data = d;
}

static void tell(void)
{
	char text[200] = "";

	for (int i = 0; i < used; i++) {
		struct data *d = plugins[i].data;

		d->hits++;
		sprintf(text + strlen(text), " %s%d:%ld:%ld", d->name, d->number, d->hits, d->second);
	}
	answer("three%s", text);
}

int main(void)
{
	char line[16];

	add("x");
	while (ask(line, sizeof line)) {
		if (*line != '?')
			add(line);
		tell();
	}
	return 0;
}
