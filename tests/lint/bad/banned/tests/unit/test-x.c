static void f(char *a)
{
	strcat(a, a);
}
