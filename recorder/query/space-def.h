/* space-def: weights of events, told apart by what could leave them out. Internal to recorder/query. */
#pragma once

#include "recorder/query/reader-db.h"

enum { SPACE_PAGE = 4096 };
/* Weights are right to a factor; beyond this the file is nearly empty or not ours. */
#define SPACE_SCALE_LEAST 0.25
#define SPACE_SCALE_MOST 4.0

struct space_event {
	int action;
	enum event_category category;
	uint64_t events;
	int64_t image, object, port;
	uint32_t directory, directory2; /* texts; 0 none */
	int64_t weight;
};

/* Weights by a number. */
struct space_tally {
	int64_t key;
	int64_t rows, events, weight;
};
struct space_tallies {
	struct map at;
	struct space_tally *all;
	size_t n, cap;
};

enum { SPACE_BY_ACTION, SPACE_BY_IMAGE, SPACE_BY_DIRECTORY, SPACE_BY_TWO, SPACE_BY_ADDRESS, SPACE_BY_PORT, SPACE_TALLIES };

struct space {
	struct reader_db *r;
	struct dictionary texts; /* in `scratch` */
	struct arena scratch, *arena;
	struct space_tallies by[SPACE_TALLIES]; /* BY_TWO: events in two directories (a rename), directory << 32 | other */
};

int space_open(struct space *s, struct reader_db *r, struct arena *arena);
void space_close(struct space *s);
/* Not one of a process. */
int space_add(struct space *s, const struct space_event *e);
int space_tally_add(struct space_tallies *t, int64_t key, int64_t rows, int64_t events, int64_t weight);
void space_tallies_free(struct space_tallies *t);
/* The costs, `scale` bytes for each of weight. */
int space_answer(struct space *s, double scale, size_t max, struct reader_space *out);
/* A cost for each tally, greatest first, `max` at most; names from dictionary texts where `named`. */
int space_emit(struct space *s, enum reader_cost_by by, const struct space_tallies *t, bool named, double scale, size_t max,
               struct reader_space *out);
/* The directories, all below each of them counted in. */
int space_emit_directories(struct space *s, double scale, size_t max, struct reader_space *out);
