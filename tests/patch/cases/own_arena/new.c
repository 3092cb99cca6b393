#include "serve.h"

/* Memory contexts: what is in one goes with it, so a new object has to be in the old one's. */
struct chunk {
	struct chunk *next;
	size_t size;
	char data[];
};

struct context {
	struct context *next;
	struct chunk *chunks;
};

struct item {
	struct item *next;
	long volume;
	int weight;
};

static struct context *contexts;
static struct item *items;

__attribute__((used, noinline)) static void *allocate(struct context *c, size_t size)
{
	struct chunk *k = calloc(1, sizeof *k + size);

	k->size = size;
	k->next = c->chunks;
	c->chunks = k;
	return k->data;
}

static struct context *context(void)
{
	struct context *c = calloc(1, sizeof *c);

	c->next = contexts;
	contexts = c;
	return c;
}

/* Objects of the context that was made `n` contexts ago. */
static int count(int n)
{
	struct context *c = contexts;
	int found = 0;

	while (n--)
		c = c->next;
	for (struct chunk *k = c->chunks; k; k = k->next)
		found++;
	return found;
}

static void reset(struct context *c)
{
	while (c->chunks) {
		struct chunk *k = c->chunks;

		c->chunks = k->next;
		free(k);
	}
}

int main(void)
{
	char line[16];
	int total;

	while (ask(line, sizeof line)) {
		if (line[0] == 'n') {
			if (contexts)
				reset(contexts);
			items = NULL;
			context();
		}
		for (const char *c = line; *c; c++) {
			struct item *i = allocate(contexts, sizeof *i);

			i->weight = 1;
			i->volume = 10;
			i->next = items;
			items = i;
		}
		total = 0;
		for (struct item *i = items; i; i = i->next)
			total += i->weight + (int)i->volume;
		answer("new %d %d", total, count(0));
	}
	return 0;
}
