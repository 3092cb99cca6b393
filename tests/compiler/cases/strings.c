/* String literals: adjacent, wide, Unicode, escapes; in arrays, and as arguments of calls. */
/* dsu: updates */
#include <stddef.h>
#include <uchar.h>
#include <wchar.h>

#include "case.h"

static NOINLINE int length(const wchar_t *s)
{
	DSU_UPDATE_POINT();
	return (int)wcslen(s);
}

int main(void)
{
	const char *joined = "one" " two"
						 "\tthree\x41\101\0hidden";
	wchar_t wide[] = L"wide \u00e4";
	char16_t sixteen[] = u"x\u20ac";
	char32_t thirty_two[3] = U"\U0001f600";
	const char utf8[] = u8"\u00e4";
	char quote = '\'', slash = '\\', none = '\0';
	int multi = 'ab';
	const char odd[] = "a\"b\\c%%{};/*no comment*/ // ??/";

	hop(0);
	printf("%s %zu\n", joined, strlen(joined));
	printf("%d %d %zu %zu %zu %x\n", length(wide), length(L"lit" L"eral"), sizeof sixteen, sizeof thirty_two,
		   sizeof utf8, (unsigned)thirty_two[hop(0)]);
	printf("%c%c%d %x %s %s\n", quote, slash, none, (unsigned)multi, odd, &"offset"[hop(3)]);
	printf("%d%d\n", L'\xe4' == wide[hop(5)], (unsigned char)utf8[hop(1)]);
	return 0;
}
