/*
 * Loops that are mostly left in their first round, and a function that cannot be updated inside
 * but calls one that may be: neither may leave anything behind on the way.
 */
extern int ready(int round);
extern int work(int round);

int first_round(int n);
int through_leaf(int n);
int once(int n);

int first_round(int n)
{
	for (;;) {
		if (ready(n))
			return n;
		n = work(n);
	}
}

int once(int n)
{
	do {
		if (ready(n))
			break;
		n = work(n);
	} while (0);
	return n;
}

/* Named by --dsu-never. */
static void __attribute__((noinline)) settle(int n)
{
	work(n);
	work(n + 1);
}

static int __attribute__((noinline)) leaf(int n)
{
	settle(n);
	return n + 1;
}

int through_leaf(int n)
{
	int before = n;

	for (;;) {
		n = leaf(n) + leaf(before);
		if (n > 100)
			return n;
		n += work(n);
	}
}
