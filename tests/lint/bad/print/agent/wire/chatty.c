void f(void)
{
	log_info("hello");
}
