/* Structs with flexible array members, enums in structs, forward-declared and self-referring types. */
/* dsu: updates */
#include "case.h"

struct buffer {
	size_t n;
	enum { EMPTY, FULL } state;
	struct buffer *next;
	char data[];
};

static struct buffer *make(const char *s, struct buffer *next)
{
	size_t n = strlen(s);
	struct buffer *b = malloc(sizeof *b + n + 1);

	hop(0);
	b->n = n;
	b->next = next;
	b->state = n ? FULL : EMPTY;
	memcpy(b->data, s, n + 1);
	return b;
}

int main(void)
{
	struct buffer *list = make("a", make("", make("bcd", NULL))), *next;

	for (struct buffer *b = list; b; b = next) {
		next = hop(1) ? b->next : NULL;
		printf("%zu%s%c ", b->n, b->data, b->state == FULL ? '+' : '-');
		free(b);
	}
	printf("\n");
	return 0;
}
