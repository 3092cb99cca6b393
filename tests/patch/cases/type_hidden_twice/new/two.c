#include <stdlib.h>
#include "plugin.h"

typedef struct {
	long weights[40];
	long id;
	const char *name;
} plugin_data;

void *two_init(void)
{
	plugin_data *p = calloc(1, sizeof *p);

	p->name = "two, new";
	return p;
}

const char *two_handle(void *data)
{
	plugin_data *p = data;

	return p->name;
}
