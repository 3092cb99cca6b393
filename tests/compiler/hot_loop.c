/* The loop of the design: two calls and an update point, with values that live across all of them. */
extern int more(int round);
extern int work(int round, const char *text);
extern void report(int sum);

int loop(int n, const char *text);

int loop(int n, const char *text)
{
	int sum = 0;

	for (int i = 0; i < n; i++) {
		sum += work(i, text);
		report(sum);
	}
	return sum;
}
