/* Addresses kept as numbers: two in one (a list by XOR), with a kind in the lowest bits, in a union. */
#include <stdint.h>

#include "serve.h"

struct node {
	uintptr_t link;
	int value;
};

typedef struct {
	uintptr_t first, second;
} pair;

struct slot {
	int number;
	char name[20];
};

struct owner {
	int number;
	struct slot slot;
};

static struct node *head, *tail;
static uintptr_t stack[8];
static int depth;
static struct owner owner;
static struct slot *const none = (struct slot *)-1;

static void push(int value)
{
	struct node *n = calloc(1, sizeof *n);

	n->value = value;
	n->link = (uintptr_t)tail;
	if (tail)
		tail->link ^= (uintptr_t)n;
	else
		head = n;
	tail = n;
}

static int sum_of_list(void)
{
	struct node *before = NULL, *n = head;
	int sum = 0;

	while (n) {
		struct node *next = (struct node *)(n->link ^ (uintptr_t)before);

		sum += n->value;
		before = n;
		n = next;
	}
	return sum;
}

static void cons(unsigned long value)
{
	pair *p = calloc(1, sizeof *p);

	p->first = value << 1;
	p->second = depth ? stack[depth - 1] : 0;
	stack[depth++ % 8] = (uintptr_t)p | 1;
}

static unsigned long sum_of_pairs(void)
{
	unsigned long sum = 0;

	for (uintptr_t v = depth ? stack[depth - 1] : 0; v & 1; v = ((pair *)(v - 1))->second)
		sum += ((pair *)(v - 1))->first >> 1;
	return sum;
}

/* No numbers: a constant, one made of a pointer in the same cast, the way back from a member. */
static int number_of(const struct slot *s)
{
	struct slot *writable = (struct slot *)(uintptr_t)s;

	if (s == none || s == (struct slot *)0 || s == (struct slot *)1UL)
		return ((struct owner *)((uintptr_t)s - __builtin_offsetof(struct owner, slot)))->number;
	return writable->number;
}

int main(void)
{
	char line[8];

	while (ask(line, sizeof line)) {
		push(atoi(line));
		cons(strlen(line));
		answer("old %d %lu %d", sum_of_list(), sum_of_pairs(), number_of(&owner.slot));
	}
	return 0;
}
