#include "serve.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

struct item {
	int weight;
	char name[8];
	struct item *next;
};

static struct item *items;

static void add(const char *name)
{
	struct item *item = malloc(sizeof *item);

	*item = (struct item){atoi(name), "item", items};
	items = item;
}

/* Everything but what an update always needs kills the process: no brk, no mmap. */
static void enter_sandbox(void)
{
#define ALLOW(nr) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
	static struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(SYS_read),
		ALLOW(SYS_write),
		ALLOW(SYS_rt_sigreturn),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = {sizeof filter / sizeof *filter, filter};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(void)
{
	char line[16];

	for (int i = 0; i < 500; i++)
		add("5");
	enter_sandbox();
	while (ask(line, sizeof line)) {
		long sum = 0, n = 0;
		struct item *first = items;

		for (struct item *i = items; i; i = i->next, n++)
			sum += i->weight;
		answer("old %ld %ld %s", n, sum, items->name);
		items = first->next;
		free(first);
	}
	return 0;
}
