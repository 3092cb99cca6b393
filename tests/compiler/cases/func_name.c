/* __func__, __FUNCTION__, __LINE__ and __FILE__ are those of the user's source. */
/* dsu: updates */
#include "case.h"

static const char *name(void)
{
	DSU_UPDATE_POINT();
	return __func__;
}

static inline void report(int line)
{
	hop(0);
	printf("%s %s %d %zu\n", __FUNCTION__, __PRETTY_FUNCTION__, line, sizeof __func__);
}

int main(void)
{
	const char *file = strrchr(__FILE__, '/');

	report(__LINE__);
	printf("%s %s %d %s\n", name(), __func__,
		   hop(__LINE__), file ? file + 1 : __FILE__);
	for (int i = 0; i < 2; i++)
		printf("%s:%d\n", hop(i) ? __func__ : "-", __LINE__);
	return 0;
}
