#include "serve.h"

struct tag {
	short weight;
	char label[6];
};

struct node {
	struct node *next, *before;
	struct node **friends;
	struct tag tags[2];
	struct tag *best, *end;
	int value;
	char *name;
	char tail[];
};

struct holder {
	int kind;
	struct node *node;
	char *inside;
};

static struct node *head;
static struct holder *holders;
static struct node *ring[3];
static struct node *local;
static int count;

static struct node *add(const char *name)
{
	struct node *n = malloc(sizeof *n + strlen(name) + 1);

	memset(n, 0, sizeof *n);
	strcpy(n->tail, name);
	n->name = n->tail;
	n->value = ++count;
	n->next = head ? head->next : n;
	if (head)
		head->next = n;
	head = n;
	head->next->before = n;
	n->friends = malloc(2 * sizeof *n->friends);
	n->friends[0] = n;
	n->friends[1] = n->next;
	n->best = &n->tags[1];
	n->end = n->tags + 2;
	strcpy(n->best->label, "b");
	n->best->weight = 7;
	ring[count % 3] = n;
	holders = realloc(holders, count * sizeof *holders);
	holders[count - 1] = (struct holder){1, n, n->tags[0].label + 1};
	return n;
}

static void drop(struct node *n)
{
	free(n->friends);
	free(n);
}

static int serve(struct node *mine, struct tag *mark)
{
	char line[16];
	struct node here = {.value = 50, .name = here.tags[0].label};
	struct node *both[2] = {&here, mine};

	local = &here;
	while (ask(line, sizeof line)) {
		struct node *n = add(line);

		strcpy(here.tags[0].label, "x");
		answer("old %d %s %d %s %d %d %s %d %d %d", n->value, n->name, n->best->weight, holders[0].inside - 1,
			(int)(n->end - n->best), n->friends[1]->value, both[0]->name, mark == mine->best,
			both[1] == mine, local == &here);
	}
	return 0;
}

int main(void)
{
	struct node *first = add("first");

	serve(first, first->best);
	drop(first);
	return 0;
}
