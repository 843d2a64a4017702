/* Words for the user, "not marked" in a comment. */
static char *words(int n, const char *host)
{
	g_autofree char *where = g_strdup_printf("process.name == %s and file.path exists", host);

	return g_strdup_printf(ngettext("%d row on %s", "%d rows on "
	                                "%s", n), n, where);
}
