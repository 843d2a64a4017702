#include "gui/notes-place.h"

#include <errno.h>
#include <glib/gstdio.h>

enum { HASH_PIECE = 1 << 20 };

void notes_place_clear(struct notes_place *p)
{
	casefile_close(p->file);
	g_free(p->beside);
	g_free(p->elsewhere);
	g_free(p->identity);
	g_free(p->host);
	g_free(p->name);
	*p = (struct notes_place){ 0 };
}

/* A file that was removed or replaced under us would take what is written with it. */
static gboolean is_still_there(struct notes_place *p)
{
	GStatBuf st;

	return g_lstat(p->is_elsewhere ? p->elsewhere : p->beside, &st) == 0 && (guint64)st.st_dev == p->device &&
	       (guint64)st.st_ino == p->inode;
}

static void close_file(struct notes_place *p)
{
	casefile_close(p->file);
	p->file = NULL;
	p->source = 0;
}

static int open_one(struct notes_place *p, gboolean elsewhere, gboolean create, char **ret_error)
{
	const char *path = elsewhere ? p->elsewhere : p->beside;
	char *line = NULL;
	GStatBuf st;
	int r = casefile_open(path, create, &p->file, &line);

	if (r < 0) {
		g_free(*ret_error);
		*ret_error = g_strdup(line);
		free(line);
		return r;
	}
	p->is_elsewhere = elsewhere;
	p->device = p->inode = 0;
	if (g_lstat(path, &st) == 0) {
		p->device = (guint64)st.st_dev;
		p->inode = (guint64)st.st_ino;
	}
	return 0;
}

static gboolean cannot_be_written(int r)
{
	return r == -EACCES || r == -EROFS || r == -EPERM;
}

static int open_any(struct notes_place *p, gboolean create, char **ret_error)
{
	gboolean beside = p->beside && g_file_test(p->beside, G_FILE_TEST_EXISTS);
	g_autofree char *folder = NULL;
	int r = -ENOENT;

	if (beside)
		return open_one(p, FALSE, create, ret_error);
	if (g_file_test(p->elsewhere, G_FILE_TEST_EXISTS))
		return open_one(p, TRUE, create, ret_error);
	if (!create)
		return -ENOENT;
	if (p->beside)
		r = open_one(p, FALSE, TRUE, ret_error);
	if (p->beside && !cannot_be_written(r))
		return r;
	folder = g_path_get_dirname(p->elsewhere);
	if (g_mkdir_with_parents(folder, 0700) < 0)
		return -errno;
	return open_one(p, TRUE, TRUE, ret_error);
}

int notes_place_open(struct notes_place *p, gboolean create, char **ret_error)
{
	int r = 0;

	if (p->file && !is_still_there(p))
		close_file(p);
	if (!p->file)
		r = open_any(p, create, ret_error);
	if (r == 0 && !p->source)
		r = casefile_find_source(p->file, (struct span){ p->identity, strlen(p->identity) }, &p->source);
	return r;
}

void notes_found_clear(struct notes_found *f)
{
	casefile_notes_free(&f->notes);
	casefile_bookmarks_free(&f->bookmarks);
}

static int read_all(struct notes_place *p, struct notes_found *ret)
{
	struct notes_found f;
	int r = casefile_get_notes(p->file, p->source, &f.notes);

	if (r < 0)
		return r;
	r = casefile_get_bookmarks(p->file, p->source, &f.bookmarks);
	if (r < 0)
		casefile_notes_free(&f.notes);
	else
		*ret = f;
	return r;
}

int notes_place_load(struct notes_place *p, gboolean anyway, struct notes_found *ret, gboolean *ret_read,
                     char **ret_error)
{
	gboolean had = p->file != NULL;
	bool changed = true;
	int r = notes_place_open(p, FALSE, ret_error);

	*ret_read = FALSE;
	if (r == -ENOENT) {
		*ret = (struct notes_found){ .notes.arena = ARENA_INIT, .bookmarks.arena = ARENA_INIT };
		*ret_read = had;
		return 0;
	}
	if (r == 0)
		r = casefile_changed(p->file, &changed);
	if (r < 0 || !(changed || anyway))
		return r;
	r = read_all(p, ret);
	*ret_read = r == 0;
	return r;
}

static int add_source(struct notes_place *p)
{
	struct casefile_source s = { span_of(p->identity), span_of(p->host), span_of(p->name), p->first_ms, p->last_ms,
		                     p->events };

	return casefile_add_source(p->file, &s, &p->source);
}

/* To be written to. */
static int open_to_write(struct notes_place *p, char **ret_error)
{
	int r = notes_place_open(p, TRUE, ret_error);

	return r == 0 && !p->source ? add_source(p) : r;
}

int notes_place_apply(struct notes_place *p, const struct casefile_change *changes, gsize n, gsize *ret_at,
                      char **ret_error)
{
	int r = open_to_write(p, ret_error);

	return r < 0 ? r : casefile_apply(p->file, p->source, changes, n, span_of(g_get_user_name()), ret_at);
}

int notes_place_set_bookmark(struct notes_place *p, const struct casefile_bookmark_change *change, char **ret_error)
{
	int r = open_to_write(p, ret_error);

	return r < 0 ? r : casefile_set_bookmark(p->file, p->source, change, span_of(g_get_user_name()));
}

gboolean notes_place_has_sha256(struct notes_place *p)
{
	char *sha256 = NULL;
	gboolean there = casefile_get_sha256(p->file, p->source, &sha256) == 0 && sha256;

	free(sha256);
	return there;
}

int notes_place_set_sha256(struct notes_place *p, const char *sha256, char **ret_error)
{
	int r = notes_place_open(p, FALSE, ret_error);

	return r == 0 && p->source ? casefile_set_sha256(p->file, p->source, span_of(sha256)) : r;
}

char *notes_place_hash(const char *path, GCancellable *cancellable)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GInputStream) in = G_INPUT_STREAM(g_file_read(file, cancellable, NULL));
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree guchar *piece = g_malloc(HASH_PIECE);
	gssize n = 0;

	while (in && (n = g_input_stream_read(in, piece, HASH_PIECE, cancellable, NULL)) > 0)
		g_checksum_update(sum, piece, n);
	return in && n == 0 ? g_strdup(g_checksum_get_string(sum)) : NULL;
}
