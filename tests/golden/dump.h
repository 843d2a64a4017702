/* dump: batches as text, one item a line, for comparing with what is expected. */
#pragma once

#include "agent/base/buf.h"
#include "recorder/recording.h"

void dump_item(struct buf *out, const struct item *item);

/* What a log becomes. */
struct replay {
	struct buf items; /* dump of all items but unparsed lines, which are counted */
	struct recording_stats stats;
	struct recording *recording; /* owns stats' types */
	struct batch *batches; /* in order; their items stay valid until replay_free */
	struct batch *last;
};
enum replay_way { REPLAY_STABLE, REPLAY_COPIED };

/* Lines of a text through a recording of host "here". 0 or negative errno. */
int replay_text(struct span text, enum replay_way way, struct replay *ret);
void replay_free(struct replay *r);
static inline void cleanup_replay(struct replay *r) { replay_free(r); }
#define AUTO_REPLAY __attribute__((cleanup(cleanup_replay))) struct replay

/* Whole file; 0 or negative errno. */
int replay_read(const char *path, struct buf *ret);
