#include "serve.h"

enum tag { NUMBER, NAME, SUM };

struct other {
	long value;
};

/* All that pointers say of what they lead to. */
struct node {
	enum tag tag;
};

struct number {
	struct node node;
	long scale;
	int value;
	char text[24];
};

/* As large as a number, so that blocks of memory do not tell them apart. */
struct name {
	struct node node;
	char text[28];
};

/* Stays as it is, and leads to numbers by nodes alone. */
struct sum {
	struct node node;
	struct node *left, *right;
};

static struct node *tree;
static void *also;

static struct node *number(int value)
{
	struct number *n = malloc(sizeof *n);

	n->node.tag = NUMBER;
	n->value = value;
	n->scale = 2;
	snprintf(n->text, sizeof n->text, "#%d", value);
	return &n->node;
}

static struct node *name(const char *text)
{
	struct name *n = malloc(sizeof *n);

	n->node.tag = NAME;
	snprintf(n->text, sizeof n->text, "%s", text);
	return (struct node *)n;
}

static struct node *sum(struct node *left, struct node *right)
{
	struct sum *s = malloc(sizeof *s);

	s->node.tag = SUM;
	s->left = left;
	s->right = right;
	return &s->node;
}

static int value(const struct node *n)
{
	switch (n->tag) {
	case NUMBER:
		return (int)(((const struct number *)n)->value * (((const struct number *)n)->scale + 1));
	case NAME:
		return (int)strlen(((const struct name *)n)->text);
	case SUM:
		return value(((const struct sum *)n)->left) +
		       value(((const struct sum *)n)->right);
	}
	abort();
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		struct node *more = sum(number(10), name(line));

		tree = tree ? sum(tree, more) : more;
		also = ((struct sum *)tree)->right;
		answer("new %d %d", value(tree), value(also));
	}
	return 0;
}
