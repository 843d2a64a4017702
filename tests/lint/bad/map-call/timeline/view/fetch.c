int fetch(void)
{
	return socket(1, 1, 0);
}
