#include "gui/filters.h"

#include <glib/gstdio.h>
#include <string.h>

#include "gui/i18n.h"

static GMutex changing; /* from reading the file to writing it */

#define RECENT "recent"
#define SAVED "saved "

static char *path_of(void)
{
	return g_build_filename(g_get_user_config_dir(), "spoor", "filters", NULL);
}

static GKeyFile *load(void)
{
	GKeyFile *file = g_key_file_new();
	g_autofree char *path = path_of();

	/* None yet, or damaged: none. What is written next takes its place. */
	g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL);
	return file;
}

static gboolean store(GKeyFile *file, char **ret_error)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = path_of(), *folder = g_path_get_dirname(path);

	g_mkdir_with_parents(folder, 0700);
	if (g_key_file_save_to_file(file, path, &error))
		return TRUE;
	if (ret_error)
		*ret_error = g_strdup(error->message);
	return FALSE;
}

static void clear_item(gpointer item)
{
	g_free(((struct filters_item *)item)->name);
	g_free(((struct filters_item *)item)->expression);
}

static GArray *list_new(void)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct filters_item));

	g_array_set_clear_func(list, clear_item);
	return list;
}

/* Takes both texts. */
static void add(GArray *list, char *name, char *expression)
{
	struct filters_item item = { name, expression };

	g_array_append_val(list, item);
}

static gboolean is_kept(const char *expression)
{
	return expression && *expression && strlen(expression) <= FILTERS_LENGTH_MOST;
}

/* ---- recent ones ---- */

static GArray *read_recent(GKeyFile *file)
{
	GArray *list = list_new();
	g_auto(GStrv) texts = g_key_file_get_string_list(file, RECENT, "expressions", NULL, NULL);

	for (guint i = 0; texts && texts[i] && list->len < FILTERS_RECENT_MOST; i++)
		if (is_kept(texts[i]))
			add(list, NULL, g_strdup(texts[i]));
	return list;
}

GArray *filters_recent(void)
{
	g_autoptr(GKeyFile) file = load();

	return read_recent(file);
}

static void put_first(GKeyFile *file, const char *expression)
{
	g_autoptr(GArray) before = read_recent(file);
	g_autoptr(GPtrArray) texts = g_ptr_array_new();

	g_ptr_array_add(texts, (gpointer)expression);
	for (guint i = 0; i < before->len && texts->len < FILTERS_RECENT_MOST; i++) {
		char *other = g_array_index(before, struct filters_item, i).expression;

		if (!g_str_equal(other, expression))
			g_ptr_array_add(texts, other);
	}
	g_key_file_set_string_list(file, RECENT, "expressions", (const char *const *)texts->pdata, texts->len);
}

static void remember(gpointer expression, gpointer unused)
{
	g_autofree char *own = expression;
	g_autoptr(GKeyFile) file = NULL;

	g_mutex_lock(&changing);
	file = load();
	put_first(file, own);
	store(file, NULL);
	g_mutex_unlock(&changing);
}

/* On a thread: a disk may be slow, and nobody asked for this. */
void filters_remember(const char *expression)
{
	static GThreadPool *pool;

	if (!is_kept(expression))
		return;
	if (!pool)
		pool = g_thread_pool_new(remember, NULL, 1, FALSE, NULL);
	g_thread_pool_push(pool, g_strdup(expression), NULL);
}

/* ---- saved ones: a group for each ---- */

static int by_name(gconstpointer a, gconstpointer b)
{
	return g_utf8_collate(((const struct filters_item *)a)->name, ((const struct filters_item *)b)->name);
}

GArray *filters_saved(void)
{
	g_autoptr(GKeyFile) file = load();
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	GArray *list = list_new();

	for (guint i = 0; groups[i] && list->len < FILTERS_SAVED_MOST; i++) {
		g_autofree char *name = NULL, *expression = NULL;

		if (!g_str_has_prefix(groups[i], SAVED))
			continue;
		name = g_key_file_get_string(file, groups[i], "name", NULL);
		expression = g_key_file_get_string(file, groups[i], "expression", NULL);
		if (name && *name && g_utf8_strlen(name, -1) <= FILTERS_NAME_MOST && is_kept(expression))
			add(list, g_steal_pointer(&name), g_steal_pointer(&expression));
	}
	g_array_sort(list, by_name);
	return list;
}

/* The group of that name; NULL: none. */
static char *find(GKeyFile *file, const char *name)
{
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);

	for (guint i = 0; groups[i]; i++) {
		g_autofree char *other = g_str_has_prefix(groups[i], SAVED) ?
		                         g_key_file_get_string(file, groups[i], "name", NULL) : NULL;

		if (g_strcmp0(other, name) == 0)
			return g_strdup(groups[i]);
	}
	return NULL;
}

static char *new_group(GKeyFile *file)
{
	for (int i = 1; i <= FILTERS_SAVED_MOST; i++) {
		g_autofree char *group = g_strdup_printf(SAVED "%d", i);

		if (!g_key_file_has_group(file, group))
			return g_steal_pointer(&group);
	}
	return NULL;
}

static gboolean refuse(char **ret_error, const char *line)
{
	*ret_error = g_strdup(line);
	return FALSE;
}

static gboolean is_name(const char *name, char **ret_error)
{
	if (!*name)
		return refuse(ret_error, _("A filter needs a name"));
	if (g_utf8_strlen(name, -1) > FILTERS_NAME_MOST)
		return refuse(ret_error, _("The name is too long"));
	return TRUE;
}

gboolean filters_save(const char *name, const char *expression, char **ret_error)
{
	g_autofree char *own = g_strstrip(g_strdup(name)), *group = NULL;
	g_autoptr(GMutexLocker) locked = g_mutex_locker_new(&changing);
	g_autoptr(GKeyFile) file = load();

	if (!is_name(own, ret_error))
		return FALSE;
	if (!is_kept(expression))
		return refuse(ret_error, _("There is no filter to save"));
	group = find(file, own);
	if (!group)
		group = new_group(file);
	if (!group)
		return refuse(ret_error, _("There are too many saved filters"));
	g_key_file_set_string(file, group, "name", own);
	g_key_file_set_string(file, group, "expression", expression);
	return store(file, ret_error);
}

gboolean filters_rename(const char *from, const char *to, char **ret_error)
{
	g_autofree char *own = g_strstrip(g_strdup(to)), *group = NULL, *other = NULL;
	g_autoptr(GMutexLocker) locked = g_mutex_locker_new(&changing);
	g_autoptr(GKeyFile) file = load();

	if (!is_name(own, ret_error))
		return FALSE;
	group = find(file, from);
	other = find(file, own);
	if (!group)
		return refuse(ret_error, _("This filter is not there any more"));
	if (other && !g_str_equal(group, other))
		return refuse(ret_error, _("Another filter has that name"));
	g_key_file_set_string(file, group, "name", own);
	return store(file, ret_error);
}

gboolean filters_delete(const char *name, char **ret_error)
{
	g_autoptr(GMutexLocker) locked = g_mutex_locker_new(&changing);
	g_autoptr(GKeyFile) file = load();
	g_autofree char *group = find(file, name);
	g_autofree char *expression = group ? g_key_file_get_string(file, group, "expression", NULL) : NULL;

	if (!group)
		return TRUE;
	if (is_kept(expression))
		put_first(file, expression);
	g_key_file_remove_group(file, group, NULL);
	return store(file, ret_error);
}
