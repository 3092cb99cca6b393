/* Statement expressions with and without calls inside, nested, in conditions and arguments. */
/* dsu: updates */
#include "case.h"

#define MAX(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })
#define MIN(a, b) ({ typeof(a) min_ = (a); min_ < (b) ? min_ : (b); })
#define SWAP(a, b) ({ typeof(a) t_ = a; a = b; b = t_; })

static NOINLINE int plain(int a, int b)
{
	int c = MAX(a, b);

	c += MIN(c, 10) + ({ int i, s = 0; for (i = 0; i < 3; i++) s += i; s; });
	SWAP(a, b);
	return hop(c) * 100 + a * 10 + b;
}

static NOINLINE int with_calls(int a, int b)
{
	int c = MAX(hop(a), hop(b));

	if (({ int t = hop(c); t > 3; }))
		c += 100;
	while (({ hop(c); c > 104; }))
		c--;
	({ hop(1); (void)0; });
	return c + ({ int x = hop(1); ({ int y = hop(2); x + y; }); });
}

static NOINLINE int flow(int n)
{
	int s = 0;

	for (int i = 0; i < n; i++)
		s += ({ if (i == 3) break; if (i == 1) continue; i * 10; }) + hop(1);
	return ({ if (s > 1000) goto big; s; });
big:
	return -1;
}

int main(void)
{
	printf("%d %d %d %d\n", plain(3, 4), plain(9, 2), with_calls(8, 2), with_calls(1, 3));
	printf("%d %d\n", ({ step; })(5), hop(({ abs; })(-6)));
	printf("%d %d\n", flow(2), flow(8));
	return 0;
}
