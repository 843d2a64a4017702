int apply_rules(void)
{
	return 0;
}
