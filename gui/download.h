/* Download: a snapshot on its way from its server into a file. While it is not whole, what came is a part (part.h) in the
 * hidden folder ".NAME.part" beside the file: a connection that breaks, and the next download into the same file, go on
 * there. Its SHA-256 is checked before it has its name. Main thread. Signal:
 *   "changed"   what is told here
 */
#pragma once

#include "gui/captures.h"

#define DOWNLOAD_TYPE (download_get_type())
G_DECLARE_FINAL_TYPE(Download, download, SPOOR, DOWNLOAD, GObject)

enum download_state {
	DOWNLOAD_RUNNING, /* or about to go on: then the reason tells why it does not */
	DOWNLOAD_DONE,
	DOWNLOAD_FAILED,  /* what came stays */
	DOWNLOAD_CANCELLED,
};

/* Begins it. A file of that name is replaced when it is whole. It is there until it ends; the caller has a reference. */
Download *download_new(struct capture *c, const char *path);
/* The one of it that has not ended, or NULL. */
Download *download_find(const struct capture *c);
/* What came is removed. */
void download_cancel(Download *self);

const char *download_get_path(Download *self);
enum download_state download_get_state(Download *self);
const char *download_get_reason(Download *self); /* for people; NULL: none */
guint64 download_get_done(Download *self);
guint64 download_get_bytes(Download *self);
