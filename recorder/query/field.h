/* field: the one table of names that expressions, columns, documents and completion use.
 * Names are the Elastic Common Schema's (ecs.version 8) where it has one. */
#pragma once

#include "agent/base/buf.h"

enum field_type {
	FIELD_TEXT,   /* ==, != ignore case; contains startswith endswith matches in */
	FIELD_NUMBER, /* signed 64 bit */
	FIELD_TIME,   /* milliseconds; written as clock_parse takes it */
	FIELD_ADDRESS, /* IPv4 or IPv6; ==, !=, in, cidr */
	FIELD_ENUM,   /* one of a fixed list of words; ==, !=, in */
	FIELD_BOOL,
};

/* Where the value lives, which decides how it is compiled. */
enum field_level {
	FIELD_OF_EVENT,   /* a column of event, or text it refers to */
	FIELD_OF_IMAGE,   /* image, its process, credential or hash: evaluated once into a set of images */
	FIELD_OF_PARENT,  /* the same of the parent's image */
	FIELD_OF_DETAIL,  /* table detail */
};

struct field {
	const char *name;        /* "process.executable" */
	enum field_type type;
	enum field_level level;
	const char *about;       /* one sentence for people */
	const char *example;     /* an expression that uses it */
	unsigned categories;     /* bit 1 << enum event_category: where it can have a value; 0 = all */
};

/* In document order; NULL past the end. */
const struct field *field_at(size_t i);
/* By full name or one of its aliases, ignoring case; NULL when there is none. */
const struct field *field_find(struct span name);
/* The nearest known name, for "did you mean"; NULL when nothing is near. */
const struct field *field_nearest(struct span name);
/* FIELD_ENUM: the i-th word, NULL past the end. */
const char *field_word_at(const struct field *f, size_t i);
/* The reference of the language and its fields, Markdown, made from the table. */
void field_reference(struct buf *out);
