/* messages: calls of a reader and their answers as messages (agent/wire/wire.h), there and back.
 *
 * Both directions are strict: what the asking side wants is bounded before it is done, and what the data side answers
 * must fit the call (as many rows as asked, indexes within their arrays, known categories), so that whoever reads an
 * answer may rely on reader.h. */
#pragma once

#include "agent/wire/message.h"
#include "recorder/query/reader.h"

enum messages_type {
	MESSAGES_OPEN, MESSAGES_CANCEL,
	MESSAGES_INFO, MESSAGES_COUNT, MESSAGES_PAGE, MESSAGES_HISTOGRAM, MESSAGES_PROCESS, MESSAGES_TIMELINE,
	MESSAGES_TREE, MESSAGES_DISTRIBUTION, MESSAGES_LANES, MESSAGES_STORY,
	MESSAGES_COMPLETENESS,
	MESSAGES_VALUES,
	MESSAGES_SPACE, MESSAGES_INVENTORY,
	MESSAGES_CELLS,
	MESSAGES_TYPE_COUNT,
};

enum { MESSAGES_MAX_ROWS = 5000, MESSAGES_MAX_NODES = 10000, MESSAGES_MAX_PATH = 4096 };

struct messages_call {
	enum messages_type type;
	uint64_t id;
	const struct expr *where;  /* NULL: everything */
	struct reader_range range;
	uint64_t step;             /* COUNT */
	struct reader_place at;    /* PAGE */
	uint64_t n;                /* PAGE: rows; HISTOGRAM, TIMELINE, LANES: bins; SPACE: costs */
	uint64_t max_children;     /* TIMELINE; LANES: lanes; STORY: processes */
	enum reader_group by;      /* LANES */
	unsigned kinds;            /* COMPLETENESS */
	struct reader_values_wish wish; /* VALUES; its text in messages_get_call from its arena */
	struct reader_cells_wish cells; /* CELLS; its arrays in messages_get_call from its arena */
	int64_t process;
	struct reader_tree_limits limits;
	struct span path;          /* OPEN; in messages_get_call from its arena */
	unsigned flags;            /* OPEN: vault_flags */
};

/* Cuts what may be less (rows, children, nodes) to what the other side accepts. -EINVAL: bins out of range. */
int messages_bound_call(struct messages_call *call);
void messages_put_call(struct buf *out, const struct messages_call *call);
/* 0; -EPROTO: no call, or one out of bounds; -EINVAL: its expression does not parse, with why in *ret_error; -ENOMEM.
 * ret->where is the caller's to expr_free. */
int messages_get_call(struct message *m, struct arena *arena, struct messages_call *ret, struct expr_error *ret_error);

union messages_answer {
	struct reader_info info;
	struct reader_count count;
	struct reader_page page;
	struct reader_histogram histogram;
	struct reader_process process;
	struct reader_timeline timeline;
	struct reader_tree tree;
	struct reader_distribution distribution;
	struct reader_lanes lanes;
	struct reader_story story;
	struct reader_completeness completeness;
	struct reader_values values;
	struct reader_cells cells;
	struct reader_space space;
	struct reader_inventory inventory;
};

/* The answer to a call of that type; nothing for OPEN but that it is open. */
void messages_put_answer(struct buf *out, uint64_t id, enum messages_type type, const union messages_answer *a);
/* 0 with the answer, to be freed as reader.h says; -EPROTO when it is none to that call; -ENOMEM. ret may be NULL for
 * OPEN. */
int messages_get_answer(struct message *m, const struct messages_call *call, union messages_answer *ret);
void messages_answer_free(enum messages_type type, union messages_answer *a);

/* error: negative errno; text: NULL or "" for none. */
void messages_put_error(struct buf *out, uint64_t id, int error, const char *text);
/* The negative errno (-EIO for a name that is not known, -EPROTO when it is no error message); the text, cut to fit and
 * made fit to show, or "". */
int messages_get_error(struct message *m, char *text, size_t size);
void messages_put_progress(struct buf *out, uint64_t id, double fraction);
double messages_get_progress(struct message *m);
void messages_put_alive(struct buf *out, uint64_t id);
