int foreign(int (*f)(int), int n);
int foreign_sum(int n);

int foreign(int (*f)(int), int n)
{
	volatile int kept = n;

	return f(n) * 2 - kept + n;
}

int foreign_sum(int n)
{
	return n ? n + foreign_sum(n - 1) : 0;
}
