
int weigh(int x)
{
	return (int)x + 1;
}
