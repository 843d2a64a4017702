void f(char *a)
{
	strcpy(a, a);
}
