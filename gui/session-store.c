#include "gui/session-store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/file.h"

enum { MAX_BYTES = 1 << 20 };

char *session_store_path(void)
{
	return g_build_filename(g_get_user_state_dir(), "spoor", "session", NULL);
}

GVariant *session_store_load(const char *path)
{
	g_autofree char *text = NULL;
	GStatBuf st;
	gsize n;

	if (g_stat(path, &st) != 0 || st.st_size > MAX_BYTES || !g_file_get_contents(path, &text, &n, NULL) ||
	    n > MAX_BYTES || memchr(text, '\0', n))
		return NULL;
	return g_variant_parse(G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);
}

static gboolean failed(const char *path, GError **error)
{
	int e = errno;

	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(e), "%s: %s", path, g_strerror(e));
	return FALSE;
}

/* Nothing is waited for on the disk: this runs before each opening, and what ends this process does not undo it. */
gboolean session_store_save(const char *path, GVariant *session, GError **error)
{
	g_autoptr(GVariant) kept = g_variant_ref_sink(session);
	g_autofree char *text = g_variant_print(kept, TRUE), *folder = g_path_get_dirname(path);
	g_autofree char *new = g_strconcat(path, ".XXXXXX", NULL);
	gboolean written;
	int fd;

	if (g_mkdir_with_parents(folder, 0700) != 0 || (fd = g_mkstemp_full(new, O_WRONLY | O_CLOEXEC, 0600)) < 0)
		return failed(path, error);
	written = file_write_all(fd, span_of(text)) == 0;
	if (g_close(fd, NULL) && written && g_rename(new, path) == 0)
		return TRUE;
	failed(path, error);
	g_unlink(new);
	return FALSE;
}

gboolean session_store_clean(GVariant *session)
{
	gboolean clean = FALSE;

	g_variant_lookup(session, "clean", "b", &clean);
	return clean;
}

GVariant *session_store_windows(GVariant *session)
{
	return g_variant_lookup_value(session, "windows", G_VARIANT_TYPE("aa{sv}"));
}

char *session_store_file(GVariant *path)
{
	return g_variant_is_of_type(path, G_VARIANT_TYPE_STRING) ? g_variant_dup_string(path, NULL) :
	                                                           g_variant_dup_bytestring(path, NULL);
}

GHashTable *session_store_suspects(GVariant *session)
{
	GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GVariant) fresh = g_variant_lookup_value(session, "fresh", G_VARIANT_TYPE_BYTESTRING_ARRAY);

	if (!fresh)
		fresh = g_variant_lookup_value(session, "fresh", G_VARIANT_TYPE_STRING_ARRAY);
	for (gsize i = 0; fresh && !session_store_clean(session) && i < g_variant_n_children(fresh); i++) {
		g_autoptr(GVariant) path = g_variant_get_child_value(fresh, i);

		g_hash_table_add(set, session_store_file(path));
	}
	return set;
}
