/* story: a random recording, kept in memory and written through the store, and what expressions say of it, decided
 * the slow and obvious way. The oracle of the query tests. */
#pragma once

#include "recorder/event.h"
#include "recorder/query/reader.h"
#include "tests/unit/query/random-expr.h"

enum { STORY_BOOTS = 2, STORY_PROCESSES = 60, STORY_IMAGES = 110, STORY_EVENTS = 1500, STORY_DETAILS = 2 };

struct story_event {
	struct event e;
	struct event_detail details[STORY_DETAILS];
	int64_t id, count; /* as the database has them: story_learn */
};

struct story {
	struct random_expr random;
	struct boot_seen boots[STORY_BOOTS];
	struct process_start processes[STORY_PROCESSES];
	struct process_end ends[STORY_PROCESSES]; /* time_ms 0: none */
	struct image_start images[STORY_IMAGES];
	bool hashed[STORY_IMAGES];
	struct story_event events[STORY_EVENTS]; /* serial = index + 1 */
	char path[64];
};

#define STORY_FROM INT64_C(1590000000000)
#define STORY_TO (STORY_FROM + 45 * 60000)
#define STORY_MD5 "d41d8cd98f00b204e9800998ecf8427e"
#define STORY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* Makes one and writes it to a new file. */
struct story *story_new(uint64_t seed);
void story_free(struct story *s); /* removes the file */
/* Opens its file as a recording from elsewhere is; never NULL. */
struct reader *story_open_reader(const struct story *s);
/* Does the expression match event i? */
bool story_matches(const struct story *s, const struct expr *e, size_t i);
