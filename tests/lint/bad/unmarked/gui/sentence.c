const char *title(void)
{
	return "No events here";
}
