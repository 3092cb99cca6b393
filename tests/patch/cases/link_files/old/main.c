#include "serve.h"

#include "list.h"

struct server {
	struct list_head all;
	long served;
	struct list_head idle;
};

static struct server *server;

int main(void)
{
	char line[12], text[200];

	server = calloc(1, sizeof *server);
	server->all.next = server->all.prev = &server->all;
	server->idle.next = server->idle.prev = &server->idle;
	while (ask(line, sizeof line)) {
		conn_add(&server->all, &server->idle, line);
		conn_tell(&server->all, &server->idle, text);
		answer("%s%ld", text, ++server->served);
	}
	return 0;
}
