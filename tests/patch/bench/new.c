#include "serve.h"

struct node {
	struct node *next, *other;
	long value;
	long more;
	short kind;
	char name[24];
};

static struct node *head;

static void make(long n)
{
	for (long i = 0; i < n; i++) {
		struct node *x = malloc(sizeof *x);

		x->next = head;
		x->other = head && i % 3 ? head->next : x;
		x->value = (int)i;
		x->kind = i % 7;
		strcpy(x->name, "a name");
		head = x;
	}
}

/*
 * What the update is measured against. The old ones stay until all have been copied, as an update
 * must have it.
 */
static long copy(void)
{
	struct node *list = 0, **end = &list;
	long n = 0;

	for (struct node *x = head; x; x = x->next, n++) {
		struct node *y = malloc(sizeof *y);

		y->next = x->next;
		y->other = x->other;
		y->value = x->value;
		y->kind = x->kind;
		memcpy(y->name, x->name, sizeof y->name);
		*end = y;
		end = &y->next;
	}
	for (struct node *x = head, *next; x; x = next) {
		next = x->next;
		free(x);
	}
	head = list;
	return n;
}

static long sum(void)
{
	long s = 0;

	for (struct node *x = head; x; x = x->next)
		s += x->value + x->kind;
	return s;
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		long n = 0;

		if (line[0] == 'c')
			n = copy();
		else if (line[0] == 's')
			n = sum();
		else
			make(n = atol(line));
		answer("%ld", n);
	}
	return 0;
}
