#include "serve.h"

struct item {
	double kilos;
	char name[36];
	int number;
};

static struct item *items[4];
static int count;
static int told;

int main(void)
{
	char line[8];

	while (ask(line, sizeof line)) {
		items[count] = calloc(1, sizeof *items[count]);
		items[count]->kilos = count + 1;
		strcpy(items[count++]->name, line);
		answer("new %s %g %d %d", items[0]->name, items[0]->kilos, items[0]->number, told);
	}
	return 0;
}
