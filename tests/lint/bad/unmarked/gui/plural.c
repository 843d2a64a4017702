char *rows(int n)
{
	return g_strdup_printf("%d%s", n, n == 1 ? " row" : " rows");
}
