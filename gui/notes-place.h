/* notes-place: where the notes of a source are, and the work on their file. Blocks: for a worker thread. No widgets. */
#pragma once

#include <gio/gio.h>

#include "server/evidence/casefile.h"

struct notes_place {
	char *beside;    /* NULL: not there */
	char *elsewhere; /* in the user's data folder */
	char *identity, *host, *name;
	gint64 first_ms, last_ms, events;

	struct casefile *file; /* NULL: not open */
	guint64 device, inode; /* of it */
	gint64 source;         /* its number in the file; 0 not there */
	gboolean is_elsewhere; /* the file that is open is that one */
};

void notes_place_clear(struct notes_place *p);
/* Whichever is there; with `create` one is made. 0, -ENOENT when there is none, or negative errno with *ret_error. */
int notes_place_open(struct notes_place *p, gboolean create, char **ret_error);
/* All that is said of a source. */
struct notes_found {
	struct casefile_notes notes;
	struct casefile_bookmarks bookmarks;
};
void notes_found_clear(struct notes_found *f);
/* Reads them again when others have changed them since, or `anyway`: *ret_read. No file: none. */
int notes_place_load(struct notes_place *p, gboolean anyway, struct notes_found *ret, gboolean *ret_read,
                     char **ret_error);
gboolean notes_place_has_sha256(struct notes_place *p);
int notes_place_set_sha256(struct notes_place *p, const char *sha256, char **ret_error);
/* Of a file, in 64 digits; NULL when it cannot be read or is cancelled. */
char *notes_place_hash(const char *path, GCancellable *cancellable);
/* As casefile_apply, in the user's name. */
int notes_place_apply(struct notes_place *p, const struct casefile_change *changes, gsize n, gsize *ret_at,
                      char **ret_error);
/* As casefile_set_bookmark, in the user's name. */
int notes_place_set_bookmark(struct notes_place *p, const struct casefile_bookmark_change *change, char **ret_error);
