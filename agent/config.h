/* config: the recorder's configuration file: what is recorded and how much is kept (assets/spoor-agent.conf tells all).
 *
 * An INI file: "[section]", "key = value", "#" begins a comment at the start of a line. Keys that exclude may be given
 * any number of times. A file without a key leaves its default. Section [recorder] is settings.h's. */
#pragma once

#include "recorder/event.h"
#include "recorder/query/expr.h"
#include "recorder/store/store.h"

/* A line of [exclude]. */
enum config_key {
	CONFIG_EVENT, CONFIG_FILE_PREFIX, CONFIG_EXECUTABLE, CONFIG_USER, CONFIG_ADDRESS, CONFIG_PORT, CONFIG_OPERATION,
	CONFIG_KEY_COUNT,
};
struct config_exclusion {
	enum config_key key;
	size_t line; /* 0: of [exclude] noise */
	char *value;
};

struct config {
	struct store_limits limits;
	int64_t collate_ms;
	bool sendto, unix_sockets; /* recorded too */
	unsigned categories;  /* bits 1 << enum event_category: what is recorded */
	bool noise;           /* what nearly every program writes to and nobody asks for is left out */
	struct expr *exclude; /* events of other kinds than process that match it are not stored; NULL: none */
	struct config_exclusion *exclusions; /* what that is made of */
	size_t n_exclusions;
};

enum { CONFIG_MAX_BYTES = 1 << 20 };

/* As a file without a line. 0 or -ENOMEM. */
int config_default(struct config *c);
/* "file-prefix", … */
const char *config_key_name(enum config_key key);
/* 0, or negative errno with one malloc'd line "FILE:LINE: what is wrong" (or "FILE: why"); *ret is then untouched. */
int config_load(const char *path, struct config *ret, char **ret_error);
/* The same from memory. `name` is what errors call it. */
int config_parse(const char *name, struct span text, struct config *ret, char **ret_error);
/* Kinds of which the exclusions may leave some out: bits as in categories. */
unsigned config_filtered(const struct config *c);
void config_free(struct config *c);
