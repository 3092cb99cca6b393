/* A union that has a new member lies in a struct that has changed: what it holds is told by the struct. */
#include "serve.h"

enum kind { NOTHING, TEXT, NUMBER };

struct text {
	struct text *self;
	unsigned long hash;
	int length;
	char data[];
};

struct value {
	struct value *next;
	union {
		double number;
		struct text *text;
		long whole;
	} u;
	enum kind kind : 8; /* has no type by itself in C */
	unsigned uses : 24;
};

static struct value *values;

static void add(const char *line)
{
	struct value *v = calloc(1, sizeof *v);

	v->kind = *line >= '0' && *line <= '9' ? NUMBER : TEXT;
	if (v->kind == NUMBER) {
		v->u.number = atof(line);
	} else {
		struct text *t = calloc(1, sizeof *t + strlen(line));

		t->length = (int)strlen(line);
		t->self = t;
		memcpy(t->data, line, strlen(line));
		v->u.text = t;
	}
	v->next = values;
	values = v;
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		char text[200] = "";

		add(line);
		for (struct value *v = values; v; v = v->next)
			if (v->kind == NUMBER)
				sprintf(text + strlen(text), " %g", v->u.number);
			else
				sprintf(text + strlen(text), " %.*s%d", (int)v->u.text->length, v->u.text->data,
					v->u.text->self == v->u.text);
		answer("new%s", text);
	}
	return 0;
}
