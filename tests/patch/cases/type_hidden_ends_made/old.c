/* Objects that a `void *` alone leads to, and that have lost their end, stay: the new version has made one without it. */
#include "serve.h"

struct data {
	int number;
	char *name;
	long hits;
	short lost[4];
	long most;
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
	d->most = 100 + used;
	d->lost[3] = 7;
	plugins[used].title = "plugin";
	plugins[used++].data = d;
}

static void tell(void)
{
	char text[200] = "";

	for (int i = 0; i < used; i++) {
		struct data *d = plugins[i].data;

		d->hits++;
		sprintf(text + strlen(text), " %s%d:%ld:%ld:%d", d->name, d->number, d->hits, d->most,
			d->lost[3]);
	}
	answer("old%s", text);
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
