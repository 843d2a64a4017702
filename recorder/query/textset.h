/* textset: which of the stored texts fulfil a condition. All conditions of an expression are answered together: by the
 * text index where it can be, else by one pass over table text, never over events. Internal to recorder/query. */
#pragma once

#include <sqlite3.h>

#include "agent/base/cancel.h"
#include "recorder/query/address.h"
#include "recorder/query/field-def.h"
#include "recorder/query/idset.h"
#include "recorder/query/match.h"
#include "recorder/store/text.h"

enum textset_test {
	TEXTSET_MATCH,   /* the part matches `match` */
	TEXTSET_PRESENT, /* the text has that part */
	TEXTSET_ADDRESS, /* is one of `networks` */
	TEXTSET_FAMILY,  /* is of one of the families: bits 1 << NETWORK_* */
};

struct textset {
	enum textset_test test;
	const struct expr *condition;
	unsigned kinds;  /* 1 << enum text_kind: others are not looked at */
	enum field_part part;
	unsigned families;
	struct match *match;
	struct address_network *networks;
	size_t n_networks;
	struct idset set; /* the answer */
};

/* Fills every set. 0, -ERANGE when a pattern hit its limit, -ECANCELED, -EBADMSG, -ENOMEM. */
int textset_fill(sqlite3 *db, struct cancel *cancel, struct textset *sets, size_t n);
void textset_free(struct textset *t);

/* The part of a whole path; absent when it has none. */
struct span textset_part(struct span whole, enum field_part part);
