/* A tree whose nodes lie inside of what it holds. */
#include <stddef.h>

#include "serve.h"

struct node {
	struct node *parent;
	struct node *left, *right;
};

struct item {
	struct item *same;
	struct node by_name;
	long number;
	char name[12];
};

#define ITEM(p) ((struct item *)((char *)(p) - offsetof(struct item, by_name)))

static struct node *root;
static int count;

static void insert(const char *name)
{
	struct item *item = calloc(1, sizeof *item);
	struct node *above = NULL, **at = &root;

	item->number = ++count;
	strcpy(item->name, name);
	while (*at) {
		above = *at;
		at = strcmp(name, ITEM(above)->name) < 0 ? &above->left : &above->right;
	}
	item->by_name.parent = above;
	*at = &item->by_name;
}

static struct node *first(struct node *n)
{
	while (n && n->left)
		n = n->left;
	return n;
}

static struct node *next(struct node *n)
{
	struct node *above;

	if (n->right)
		return first(n->right);
	while ((above = n->parent) && n == above->right)
		n = above;
	return above;
}

int main(void)
{
	char line[12], text[200];

	while (ask(line, sizeof line)) {
		insert(line);
		*text = 0;
		for (struct node *n = first(root); n; n = next(n))
			sprintf(text + strlen(text), " %s%ld", ITEM(n)->name, ITEM(n)->number);
		answer("new%s", text);
	}
	return 0;
}
