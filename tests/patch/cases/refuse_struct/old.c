#include "serve.h"

struct session {
	int id;
	char name[16];
};

static struct session session;

int main(void)
{
	while (ask(session.name, sizeof session.name))
		answer("%d %s", session.id, session.name);
	return 0;
}
