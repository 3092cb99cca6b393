#include "serve.h"

struct item {
	int grams;
	char name[28];
};

static struct item *items[4];
static int count;
static int told;

int main(void)
{
	char line[8];

	while (ask(line, sizeof line)) {
		items[count] = malloc(sizeof *items[count]);
		items[count]->grams = 1000 * (count + 1);
		strcpy(items[count++]->name, line);
		answer("old %s %d %d", items[0]->name, items[count - 1]->grams, told);
	}
	return 0;
}
