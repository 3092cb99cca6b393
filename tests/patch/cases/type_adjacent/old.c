/* Right behind what moves lies what nobody describes: its address is no end of the one in front. */
#include "serve.h"

struct item {
	int number, more;
	char name[8];
};

static struct item item = {1, 0, "a"};
static char text[16] = "text";
static struct item items[2] = {{2, 0, "b"}, {3, 0, "c"}};
static char other[16] = "other";
static char *texts[] = {text, other, item.name, items[1].name + 1};
static long numbers[3] = {7};
static struct item last = {4, 0, "d"};
static long more[3] = {8};
static long *longs[] = {numbers, more};

static void tell(void)
{
	answer("old %s %s %s %d %ld %ld", texts[0], texts[1], texts[2], *texts[3], longs[0][0], longs[1][0]);
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		text[0]++;
		other[0]++;
		numbers[0]++;
		more[0] += item.number + items[0].number + last.number;
		tell();
	}
	return 0;
}
