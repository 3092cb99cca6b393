/* Formatted input and output, memory streams, and buffered output that must not appear twice. */
/* dsu: updates */
#include "case.h"

int main(void)
{
	char text[] = "12 apples 3.5 kg\nsecond line\n", word[16], line[32];
	int n, total = 0;
	float f;
	FILE *in = fmemopen(text, strlen(text), "r"), *out;
	char *made = NULL;
	size_t size = 0;

	if (!in || fscanf(in, "%d %15s %f", &n, word, &f) != hop(3))
		return 1;
	printf("%d %s %.1f %s\n", n, word, f, fgets(line, sizeof line, in));
	while (hop(total) < 100 && fgets(line, hop(sizeof line), in))
		total += printf("%s", line);
	fclose(in);
	out = open_memstream(&made, &size);
	for (int i = 0; i < 4; i++)
		fprintf(out, "%d;", hop(i));
	fclose(out);
	printf("%s %zu %d\n", made, size, sscanf(made, "%d;%d", &n, &total));
	free(made);
	return 0;
}
