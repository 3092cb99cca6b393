/* do {} while (0) macros with break and continue around them; errno, ctype and string macros. */
/* dsu: updates */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>

#include "case.h"

#define CHECK(x) \
	do { \
		if (!hop(x)) { \
			printf("failed: " #x "\n"); \
			errno = EINVAL; \
			break; \
		} \
		good++; \
	} while (0)
#define TWICE(x) do { CHECK(x); CHECK((x) - 1); } while (0)

int main(void)
{
	int good = 0, letters = 0;
	bool any = false;
	const char *text = "Hello, World 42";

	for (int i = 0; i < 3; i++) {
		if (i == 1)
			TWICE(i);
		else
			CHECK(i);
		if (good)
			continue;
		errno = 0;
	}
	for (const char *p = text; *p; p++) {
		if (isalpha((unsigned char)*p) && hop(1))
			letters += isupper((unsigned char)*p) ? 10 : 1;
		any |= isdigit(hop((unsigned char)*p)) && toupper(*p) == *p;
	}
	printf("%d %d %d %d\n", good, errno == EINVAL, letters, any);
	printf("%s %zu %d\n", strchr(text, hop('W')), strcspn(text, ","), strncmp(text, "Hellx", (size_t)hop(4)));
	return 0;
}
