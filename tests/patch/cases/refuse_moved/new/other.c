static int total;

int sum(int x)
{
	return total += x;
}
int weigh(long x)
{
	return (int)x + 1;
}
