#include <stdlib.h>
#include "box.h"

struct box {
	int weight;
};

struct box *box_new(int weight)
{
	struct box *box = malloc(sizeof *box);

	box->weight = weight;
	return box;
}

int box_weight(struct box *box)
{
	return box->weight;
}
