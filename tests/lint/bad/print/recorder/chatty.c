void f(void)
{
	printf("hello");
}
