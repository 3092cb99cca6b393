/*
 * hook.c - code of the user's that runs around the decision.
 *
 * `prepare` may refuse, and traps there are caught (trap.c). What has been prepared is then either
 * committed or undone, once all stacks of the process are there again and before its threads run.
 */
#include <stddef.h>

#include "hook.h"
#include "xform.h"

static DSU_TOUCHED const struct dsu_hook *const *hooks;
static DSU_TOUCHED unsigned nprepared;

int dsu_hooks_prepare(const struct dsu_patch *p)
{
	hooks = p->hooks;
	for (nprepared = 0; hooks && hooks[nprepared]; nprepared++) {
		const struct dsu_hook *h = hooks[nprepared];
		const char *why;

		dsu_xform_runs(h->name);
		why = h->prepare ? h->prepare() : NULL;
		dsu_xform_runs(NULL);
		if (why)
			return dsu_xform_refuse(why, h->name);
	}
	return 1;
}

void dsu_hooks_end(int forward)
{
	for (unsigned i = 0; forward && i < nprepared; i++)
		if (hooks[i]->commit)
			hooks[i]->commit();
	for (unsigned i = nprepared; !forward && i-- > 0;)
		if (hooks[i]->undo)
			hooks[i]->undo();
	nprepared = 0;
}
