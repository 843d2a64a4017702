/* synthetic: made-up recordings for tests, pictures and benchmarks: the same every time. */
#pragma once

#include "recorder/query/reader.h"

struct synthetic_event {
	int64_t ms;
	uint32_t child; /* 0: the process itself, else child - 1 */
	enum event_category category;
};

struct synthetic {
	struct reader_process process;
	struct reader_image images[3];
	struct reader_range range;
	struct gap gaps[2];
	size_t n_gaps;
	struct reader_node *children; /* by start */
	char (*texts)[48];
	size_t n_children;
	struct synthetic_event *events; /* by time */
	size_t n_events;
	bool whole; /* events of everything count as the process's own */
};

/* A shell that turns into curl, does things for four minutes and loses some to a gap. */
struct synthetic *synthetic_story(void);
/* n_children children and n_events events in bursts over `days`. */
struct synthetic *synthetic_many(size_t n_children, size_t n_events, int days);
void synthetic_free(struct synthetic *s);

/* As a reader answers. Freed with synthetic_timeline_free. */
struct reader_timeline synthetic_timeline(const struct synthetic *s, struct reader_range range, size_t n_bins);
void synthetic_timeline_free(struct reader_timeline *t);

/* Nodes in the reader's order, with texts that live as long as the program. */
struct reader_tree synthetic_tree(size_t n_children, bool deep);
void synthetic_tree_free(struct reader_tree *t);
