struct colour {
	const char *name;
	int value;
};

extern struct colour colours[];
extern int seen;

int find(const char *name);

static inline int scaled(int x)
{
	return x * 10;
}
