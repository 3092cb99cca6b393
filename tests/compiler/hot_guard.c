/* Recursive functions that most callers leave at once: that way needs no update point and no frame. */
struct node {
	struct node *left, *right;
	int value;
};
extern int visit(const struct node *n);

int walk(const struct node *n, int depth);
int late(const struct node *n, int depth);

int walk(const struct node *n, int depth)
{
	const struct node *left, *right;

	if (!n)
		return 0;
	left = n->left;
	if (depth > 100) {
		return -1;
	}
	right = n->right;
	return visit(n) + walk(left, depth + 1) + walk(right, depth + 1) + n->value;
}

/* What calls in front of the way out may be a step of the recursion. */
int late(const struct node *n, int depth)
{
	int value = late(n->left, depth + 1);

	if (value < 0)
		return value;
	return value + late(n->right, depth + 1);
}
