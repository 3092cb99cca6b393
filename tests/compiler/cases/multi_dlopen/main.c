/* A shared object is loaded, called, calls back, unloaded and loaded again; one of its functions is opaque. */
/* dsu: updates */
/* dsu: blocked */
/* dsu: shared plugin.c */
/* dsu: untouched plugin_guarded attribute 'cleanup' */
#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#include "../case.h"
#include "plugin.h"

static int back(int n)
{
	int kept = n;

	hop(n);
	return kept + 1;
}

static NOINLINE void *load(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 16);
	void *handle;

	path[n] = 0;
	strcpy(strrchr(path, '/'), "/plugin.so");
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		printf("%s\n", dlerror());
		exit(1);
	}
	return handle;
}

int main(void)
{
	for (int round = 0; round < 2; round++) {
		void *handle = load();
		plugin_function *sum = (plugin_function *)dlsym(handle, "plugin_sum");
		plugin_function *guarded = (plugin_function *)dlsym(handle, "plugin_guarded");

		printf("%d ", sum(back, hop(4)));
		printf("%d\n", guarded(back, hop(3)));
		dlclose(handle);
	}
	return 0;
}
