/* source-private: the threads behind a Source. Each has a queue of calls and a reader of its own. */
#pragma once

#include "gui/source.h"

/* In order of urgency: what a person waits for comes first. */
enum call { CALL_OPEN, CALL_PAGE, CALL_CELLS, CALL_PROCESS, CALL_TIMELINE, CALL_TREE, CALL_STORY, CALL_COMPLETENESS,
            CALL_INFO, CALL_HISTOGRAM, CALL_VALUES, CALL_COUNT, CALL_LANES, CALL_DISTRIBUTION,
            CALL_SPACE, CALL_INVENTORY, CALL_QUIT, CALL_SLOW = CALL_HISTOGRAM };

/* Shared by the object and its thread; goes with the later of the two. */
struct worker {
	gatomicrefcount refs;
	GAsyncQueue *jobs;
	char *path;
	source_open_fn *open;
	struct reader *reader;    /* the thread's own */
	struct worker *instead;   /* who answers when this one cannot open; NULL: nobody */
	bool gave_up;             /* the thread's own: it could not */
	struct cancel open_cancel; /* outlives the connection */
	bool temporary;
	bool live;                /* what is lost may be opened again */
	Source *source;           /* main thread only; NULL once the object is gone */
	struct reader_info info;
	bool have_info;
};

struct job {
	struct worker *worker;
	GTask *task;
	enum call call;
	guint64 order;
	struct cancel cancel_own, *cancel;
	GCancellable *cancellable;
	gulong cancel_handler;
	char *expression;
	struct reader_range range;
	struct reader_place place;
	struct reader_tree_limits limits;
	gint64 process;
	gsize n, max_children;
	enum reader_group by;
	struct reader_values_wish wish;
	char *part; /* of the wish */
	struct reader_cells_wish cells; /* its arrays are the job's */
	guint64 step;
	union answer {
		struct reader_info info;
		struct reader_count count;
		struct reader_page page;
		struct reader_histogram histogram;
		struct reader_process process;
		struct reader_timeline timeline;
		struct reader_tree tree;
		struct reader_lanes lanes;
		struct reader_story story;
		struct reader_completeness completeness;
		struct reader_values values;
		struct reader_cells cells;
		struct reader_distribution distribution;
		struct reader_space space;
		struct reader_inventory inventory;
	} answer;
	bool answered;
};

struct job *source_worker_job(enum call call);
void source_worker_job_free(gpointer job);

/* Starts a thread. `source` hears of progress and of the end of who answers, through the functions below. */
struct worker *source_worker_new(Source *source, const char *path, bool live, source_open_fn *open);
/* One that opens the recording by itself once it has a call to answer, beside `first`, which is open: what takes long does
 * not keep what a person waits for. Where it cannot, or finds another recording, `first` answers. */
struct worker *source_worker_new_beside(struct worker *first, source_open_fn *open);
void source_worker_push(struct worker *w, struct job *j);
/* The object is gone: ends the thread after what is queued. NULL is fine. */
void source_worker_quit(struct worker *w);

/* On the main loop. */
void source_tell_progress(Source *self, double fraction);
void source_tell_loss(Source *self, const char *why);
