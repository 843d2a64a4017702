/* hostile: recordings that somebody has tampered with, made by hand: each is a small sound one and the SQL that spoils it.
 * What is tested on them: test-hostile.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct hostile {
	const char *name;
	const char *sql;     /* run on the sound recording; NULL: nothing is changed */
	const char *refusal; /* what opening it says; NULL: it opens, and every call ends with an answer or an error */
	const char *pragma;  /* run before the tables are made */
};

extern const struct hostile hostile_all[];
extern const size_t hostile_n;

/* Makes it at PATH, which does not exist. Ends the program when that fails. */
void hostile_make(const struct hostile *h, const char *path);
