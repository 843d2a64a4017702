int phone_home(void)
{
	return getaddrinfo(0, 0, 0, 0);
}
