void f(char *a)
{
	gets(a, a);
}
