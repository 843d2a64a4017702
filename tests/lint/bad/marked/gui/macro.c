char *port(gint64 n)
{
	return g_strdup_printf(_("Port %" G_GINT64_FORMAT), n);
}
