/* A state machine: switch in an endless loop; break leaves the switch, continue the round. */
/* dsu: updates */
#include "case.h"

enum state { START, WORD, SPACE, END };

int main(void)
{
	const char *text = "the  quick brown\tfox ";
	enum state state = START;
	int words = 0, letters = 0;

	for (;;) {
		int c = hop(*text++);

		switch (state) {
		case START:
			state = SPACE;
			/* fall through */
		case SPACE:
			if (c == ' ' || c == '\t')
				continue;
			if (!c) {
				state = END;
				break;
			}
			state = WORD;
			words = step(words + 1);
			/* fall through */
		case WORD:
			if (c && c != ' ' && c != '\t') {
				letters++;
				break;
			}
			state = c ? SPACE : END;
			break;
		case END:
			abort();
		}
		if (state == END)
			break;
	}
	printf("%d words, %d letters\n", words, letters);
	return 0;
}
