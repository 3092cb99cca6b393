/*
 * called_back.c - waits for lines in a callback whose caller, a library's function, has left the
 * stack, and then in main(). For dsucc with -fexceptions, which gives each call a landing pad.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <callback.h>

static __attribute__((noinline)) int line(int x)
{
	char text[1];

	return read(0, text, sizeof text) > 0 ? x : -1;
}

static int answer(int x)
{
	int got;

	/* Said in here: whoever has read it finds the callback under way. */
	if (x == 1)
		dprintf(1, "ready\n");
	got = line(x);
	dprintf(1, "back %d\n", got);
	return got;
}

int main(void)
{
	int n = 0;

	for (;;) {
		n = call_back(answer, n);
		if (n < 0)
			return 0;
		dprintf(1, "main %d\n", n);
		if (line(n) < 0)
			return 0;
	}
}
