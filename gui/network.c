#include "gui/network.h"

#include <glib-unix.h>

#include <gdk/gdk.h>

enum { PRIORITY = GDK_PRIORITY_REDRAW + 10 };

static struct fdm *network;

static gboolean on_ready(gint fd, GIOCondition condition, gpointer data)
{
	int r = fdm_step(data);

	if (r < 0)
		g_warning("network: %s", g_strerror(-r));
	return G_SOURCE_CONTINUE;
}

struct fdm *network_fdm(void)
{
	g_autoptr(GSource) source = NULL;

	if (network)
		return network;
	network = fdm_new();
	if (!network)
		return NULL;
	source = g_unix_fd_source_new(fdm_descriptor(network), G_IO_IN);
	g_source_set_priority(source, PRIORITY);
	g_source_set_callback(source, G_SOURCE_FUNC(on_ready), network, NULL);
	g_source_attach(source, NULL);
	return network;
}
