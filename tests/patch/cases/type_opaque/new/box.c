#include <stdlib.h>
#include "box.h"

struct box {
	long lid;
	int weight;
};

struct box *box_new(int weight)
{
	struct box *box = malloc(sizeof *box);

	box->weight = weight;
	box->lid = 0;
	return box;
}

int box_weight(struct box *box)
{
	return box->weight + 1000 * (int)++box->lid;
}
