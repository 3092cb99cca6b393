#include <stdlib.h>
#include "plugin.h"

typedef struct {
	const char *name;
	long weights[24];
} plugin_data;

void *one_init(void)
{
	plugin_data *p = calloc(1, sizeof *p);

	p->name = "one, old";
	return p;
}

const char *one_handle(void *data)
{
	plugin_data *p = data;

	return p->name;
}
