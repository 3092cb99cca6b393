#include "serve.h"

struct session {
	long id;
	char name[16];
};

static struct session session;

int main(void)
{
	while (ask(session.name, sizeof session.name))
		answer("%ld %s", session.id, session.name);
	return 0;
}
