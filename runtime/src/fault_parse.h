/* fault_parse.h - the text of DSU_FAULT, read alike by dsuctl and by the program. */
#ifndef DSU_FAULT_PARSE_H
#define DSU_FAULT_PARSE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

#define DSU_FAULT_ROW(who, step, actions, command) {#who, #step, actions, command},
static const struct {
	const char *who, *step, *actions, *command;
} dsu_fault_points[] = {DSU_FAULT_POINTS(DSU_FAULT_ROW)};

static const char *const dsu_fault_actions[] = {
	"none", "kill", "stall", "signal", "error", "nomem", "nodisk"};

/* "step:action" (dsuctl's), "leader.step:action@round"; what makes no sense ends the test. */
static inline void dsu_fault_parse(struct dsu_fault *f, const char *who)
{
	const char *text = secure_getenv("DSU_FAULT"), *step = text;
	size_t n, i = 0;

	f->point = DSU_NFAULTS;
	if (!text || (!strncmp(text, "leader.", 7) || !strncmp(text, "follower.", 9)) !=
			     !strcmp(who, "process"))
		return;
	f->follower = text[0] == 'f';
	if (!strcmp(who, "process"))
		step = strchr(text, '.') + 1;
	n = strcspn(step, ":");
	while (i < DSU_NFAULTS &&
		(strcmp(dsu_fault_points[i].who, who) || strlen(dsu_fault_points[i].step) != n ||
			strncmp(dsu_fault_points[i].step, step, n)))
		i++;
	for (int a = DSU_FAULT_KILL; step[n] && a <= DSU_FAULT_NODISK; a++)
		if (!strncmp(step + n + 1, dsu_fault_actions[a], strlen(dsu_fault_actions[a])))
			f->action = (enum dsu_fault_action)a;
	f->point = (enum dsu_fault_point)i;
	f->round = strchr(text, '@') ? (unsigned)atoi(strchr(text, '@') + 1) : 0;
	snprintf(f->text, sizeof f->text, "%s", text);
	if (i == DSU_NFAULTS || !f->action) {
		fprintf(stderr, "DSU_FAULT=%s: no such fault\n", text);
		abort();
	}
}

#endif
