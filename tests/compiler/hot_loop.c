/*
 * The loop of the design: two calls and an update point, with values that live across all of them;
 * and the same with its state in a struct.
 */
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

struct state {
	int i, sum;
};

int loop_with_struct(int n, const char *text);

int loop_with_struct(int n, const char *text)
{
	for (struct state s = {0, 0};; s.i++) {
		if (s.i >= n)
			return s.sum;
		s.sum += work(s.i, text);
		report(s.sum);
	}
}
