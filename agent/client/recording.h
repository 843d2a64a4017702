/* recording: how the recording of this machine does, as a server is told. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct recording_state {
	bool recording;
	char text[512];      /* what is wrong; "" nothing */
	int64_t first, last; /* ms UTC; 0 nothing is recorded */
	uint64_t bytes;      /* of the database with what SQLite has beside it */
};

/* `recording` and `text`, by what the recorder tells. Cheap. */
void recording_look(const char *health, const char *database, struct recording_state *ret);
/* The rest, from the database; where it cannot be read the text says so. */
void recording_measure(const char *database, struct recording_state *s);
