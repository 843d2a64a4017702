/* casefile: what people say of recordings, in one SQLite file of its own: marks, tags and comments on rows of events,
 * by the recording and the event's id, and names of moments. Its schema is casefile.sql with casefile-2.sql; a file of
 * an earlier version gets what it lacks when it is opened, and is read as it is where it cannot be written. Several may
 * have one file open and write to it.
 *
 * The file may come from somebody else: it is hardened as the vault hardens a recording, looked through for damage,
 * and must have exactly our tables. Every change is one transaction with a rollback journal: whatever ends the program,
 * the file is as before the change or as after it. No file of something else is ever written to (but a rollback
 * journal that lies beside it is played back, as SQLite does before anything can be read; one that would delete another
 * file is refused).
 *
 * Calls block (files, another's lock for at most 5 s); one call at a time on one struct casefile.
 * Errors: 0 or negative errno. -ENOENT: no such file; -ENOTSUP, -EBADMSG: not a case file, or damaged;
 * -EPROTONOSUPPORT: of a newer version; -EBUSY: somebody else writes all the while; -EACCES, -EROFS, -ENOSPC: as named.
 */
#pragma once

#include "agent/base/arena.h"

struct casefile;

enum {
	CASEFILE_APPLICATION_ID = 0x53504343, CASEFILE_VERSION = 2,
	CASEFILE_MAX_TAG = 64, CASEFILE_MAX_TAGS = 32, /* bytes of one tag; tags of one row */
	CASEFILE_MAX_COMMENT = 16000,                  /* bytes */
	CASEFILE_MAX_NOTES = 200000,                   /* of one recording */
	CASEFILE_MAX_BOOKMARK = 400,                   /* bytes of the name of one */
	CASEFILE_MAX_BOOKMARKS = 1000,                 /* of one recording */
	CASEFILE_MAX_CHANGES = 10000,                  /* in one call */
};

/* `create`: makes one where there is none, or an empty file. On failure *ret_error is one malloc'd line
 * "PATH: what: why". An empty file is -ENOENT unless `create`. */
int casefile_open(const char *path, bool create, struct casefile **ret, char **ret_error);
void casefile_close(struct casefile *c);
static inline void cleanup_casefile(struct casefile **c) { casefile_close(*c); }
#define AUTO_CASEFILE __attribute__((cleanup(cleanup_casefile))) struct casefile
/* Has anybody else written to it since the last call? The first call says yes. */
int casefile_changed(struct casefile *c, bool *ret);

/* ---- recordings ---- */

struct casefile_source {
	struct span identity; /* what the recording is known by; not empty */
	struct span host, name;
	int64_t first_ms, last_ms, events;
};

/* The identity of a recording by reader_info.recording, which is not 0. */
enum { CASEFILE_IDENTITY = 32 };
struct span casefile_identity(uint64_t recording, char ret[CASEFILE_IDENTITY]);
/* Its number; *ret is 0 where nothing was said of it yet. */
int casefile_find_source(struct casefile *c, struct span identity, int64_t *ret);
/* Its number, made when need be. Text that is no UTF-8 or too long is made fit. */
int casefile_add_source(struct casefile *c, const struct casefile_source *s, int64_t *ret);
/* 64 hexadecimal digits, of the file that was first met. Stays when it is there already. */
int casefile_set_sha256(struct casefile *c, int64_t source, struct span sha256);
/* Absent: not known. malloc'd. */
int casefile_get_sha256(struct casefile *c, int64_t source, char **ret);

/* ---- notes ---- */

/* What is said of a row. Absent texts count as empty. */
struct casefile_state {
	bool marked;
	struct span tags;    /* sorted, a newline between two */
	struct span comment;
};

struct casefile_note {
	int64_t event, process, time_ms, changed_ms;
	struct casefile_state state;
	struct span author;
};

struct casefile_notes {
	struct arena arena; /* of the texts */
	struct casefile_note *notes; /* by event */
	size_t n;
};
/* -EFBIG: more than CASEFILE_MAX_NOTES. Newest state of what is there, with others' changes. */
int casefile_get_notes(struct casefile *c, int64_t source, struct casefile_notes *ret);
void casefile_notes_free(struct casefile_notes *n);

/* What somebody saw, and what it is to be. Only the difference is made: a mark where `marked` differs, the tags that
 * come and go, the comment where it differs. So changes of two people to one row join, but for its comment: one that is
 * not as it was seen is never replaced. */
struct casefile_change {
	int64_t event, process, time_ms;
	struct casefile_state before, after;
};
/* All or none. -ESTALE: a comment is another than was seen, *ret_at says whose. -EINVAL: tags or comment are not as
 * they must be (casefile_tags makes them so). -EFBIG: there would be more notes than CASEFILE_MAX_NOTES. */
int casefile_apply(struct casefile *c, int64_t source, const struct casefile_change *changes, size_t n, struct span author,
                   size_t *ret_at);

/* ---- bookmarks ---- */

/* A moment with a name. There is one of a time. */
struct casefile_bookmark {
	int64_t time_ms, process, changed_ms; /* process: whose timeline it was made in, 0 the whole recording's */
	struct span name, author;
};
struct casefile_bookmarks {
	struct arena arena; /* of the texts */
	struct casefile_bookmark *bookmarks; /* by time */
	size_t n;
};
/* As casefile_get_notes. */
int casefile_get_bookmarks(struct casefile *c, int64_t source, struct casefile_bookmarks *ret);
void casefile_bookmarks_free(struct casefile_bookmarks *b);

/* Made, renamed, taken away: its name as it was seen, and as it is to be. Empty: there is none. */
struct casefile_bookmark_change {
	int64_t time_ms, process;
	struct span before, after;
};
/* -ESTALE: its name is another than was seen. -EINVAL: no name can be that. -EFBIG: there would be more than
 * CASEFILE_MAX_BOOKMARKS. */
int casefile_set_bookmark(struct casefile *c, int64_t source, const struct casefile_bookmark_change *change,
                          struct span author);
/* As such a name must be: in one line, all characters visible, cut where it is too long. malloc'd. */
int casefile_bookmark_name(struct span written, char **ret);

/* ---- tags ---- */

/* As people write them, with commas or newlines between: trimmed, sorted, each once. malloc'd. -EINVAL: one has
 * characters that cannot be seen, is too long, or they are too many. */
int casefile_tags(struct span written, char **ret);
/* `have` with the tags of `add`, without those of `remove`, sorted; all three as casefile_tags gives them. */
int casefile_merge_tags(struct span have, struct span add, struct span remove, char **ret);
