/* message: writes and reads control messages, JSON objects {"v":1,"id":…,"type":…, …} (wire.h lists the types).
 *
 * Exactness: integers within ±2^53 are JSON numbers, others decimal strings; text that is valid UTF-8 without NUL is a
 * JSON string, other bytes are {"x":"hex"}, a text that is absent is null. Everything read is hostile: size, depth and
 * number of values are capped before a parser sees them, and every access checks the type.
 *
 * Records that come in great number are lists of values without names; their order is part of the type. */
#pragma once

#include <stdint.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"

enum {
	MESSAGE_VERSION = 1,
	MESSAGE_MAX_DEPTH = 8,
	MESSAGE_MAX_NAME = 64, /* bytes of a type */
};

/* ---- writing: straight into a buf, whose sticky failure is the only error. `name` is NULL inside lists. ---- */

void message_begin(struct buf *out, uint64_t id, const char *type);
void message_end(struct buf *out);
void message_put_int(struct buf *out, const char *name, int64_t v);
void message_put_uint(struct buf *out, const char *name, uint64_t v);
void message_put_bool(struct buf *out, const char *name, bool v);
void message_put_text(struct buf *out, const char *name, struct span v);
void message_open_list(struct buf *out, const char *name);
void message_close_list(struct buf *out);

/* ---- reading ---- */

struct cJSON;

struct message_limits {
	size_t bytes;
	size_t values; /* names, numbers, texts, lists, objects together, roughly */
};

struct message {
	struct cJSON *json;
	uint64_t id;
	struct span type; /* valid as long as the message */
	int error;        /* sticky: 0, -EPROTO or -ENOMEM of any message_in made from it */
};

/* Depth and number of values are within bounds: seen in one pass over the bytes, before anything is allocated. */
bool message_within(struct span text, size_t max_values);
/* 0; -EPROTO: not UTF-8, not one JSON object, another version, no id or type, or over a limit; -ENOMEM. */
int message_parse(struct span text, const struct message_limits *limits, struct message *ret);
void message_free(struct message *m);
bool message_is(const struct message *m, const char *type);

/* Reads members of an object by name, or (name NULL) the next value of a list. What is missing or of another type sets
 * the message's error and gives 0, false or absent, so that one check at the end is enough. */
struct message_in {
	struct message *message;
	const struct cJSON *object; /* NULL in lists */
	const struct cJSON *next;   /* of a list; NULL at its end */
};

struct message_in message_root(struct message *m);
int64_t message_int(struct message_in *in, const char *name);
/* An integer within [min, max]. */
int64_t message_int_in(struct message_in *in, const char *name, int64_t min, int64_t max);
uint64_t message_uint(struct message_in *in, const char *name);
bool message_bool(struct message_in *in, const char *name);
/* Copied into the arena, with a NUL behind it. null gives an absent span. */
struct span message_text(struct message_in *in, const char *name, struct arena *arena);
struct message_in message_list(struct message_in *in, const char *name);
/* Values left in a list. */
size_t message_left(const struct message_in *in);
/* The list must be at its end. */
void message_at_end(struct message_in *in);
/* Says that what was read makes no sense. */
void message_bad(struct message_in *in);
