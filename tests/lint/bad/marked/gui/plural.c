char *rest(guint64 n)
{
	return g_strdup_printf(ngettext("%" G_GUINT64_FORMAT " row", "%" G_GUINT64_FORMAT " rows", n), n);
}
