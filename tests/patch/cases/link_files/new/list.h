#include <stddef.h>

struct list_head {
	struct list_head *next, *prev;
};

/* Known by its lists alone, and its members in one file alone. */
struct conn;

void conn_add(struct list_head *all, struct list_head *idle, const char *name);
void conn_tell(const struct list_head *all, const struct list_head *idle, char *text);
