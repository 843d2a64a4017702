/* connections-table: a bounded table of connections that are found by what is known of them: both ends, the descriptor, the
 * inode, the local port. Each is in one of a few lists, oldest first. Inside connections*.c only. */
#pragma once

#include "recorder/connections.h"

enum { CONNECTIONS_MAX = 8192, CONNECTIONS_BUCKETS = 4096 };

enum table_list {
	LIST_FREE,
	LIST_HELD,    /* its row waits for its local side */
	LIST_PENDING, /* an attempt of which nobody knows yet what became */
	LIST_OPEN,
	LIST_COUNT,
};
/* Ways to find one. Ends: by both, or by the remote one alone while the local one is not known. */
enum table_key { KEY_ENDS, KEY_DESCRIPTOR, KEY_INODE, KEY_PORT, KEY_COUNT };

struct table_entry {
	struct connection told;
	uint64_t inode;     /* 0: not known, or closed */
	int64_t look_ms;    /* LIST_PENDING: when to look again */
	int64_t pause_ms;
	int64_t success_ms; /* LIST_HELD: a record has said that the attempt succeeded, when; 0: none has */
	uint64_t success_serial;
	struct endpoint bound; /* the local side as the record told it */
	uint8_t protocol;   /* 0: not known */
	bool found;         /* LIST_HELD: the local side was looked up; told at the next turn unless it was another's */
	bool mixed;         /* which local side is its and which another's alike is not known */
	bool attempt;       /* begun without waiting, and not known to be connected */
	bool noticed;       /* that it was connected we saw ourselves: no record has said so */
	uint8_t missed;     /* bits MISSED_*: the lists of sockets that it is not in */
	uint32_t pass;      /* the last list that it was in */
	uint8_t list;
	uint8_t keys;       /* bits 1 << enum table_key: where it can be found */
	uint16_t next, previous;
	uint16_t chain[KEY_COUNT], bucket[KEY_COUNT];
};

struct table {
	struct table_entry entries[CONNECTIONS_MAX + LIST_COUNT]; /* the first ones are the lists' heads */
	uint16_t buckets[KEY_COUNT][CONNECTIONS_BUCKETS];         /* 0: empty */
	size_t n[LIST_COUNT], used;
};

void table_init(struct table *t);
/* One that is not used; NULL: there is none. It has to be moved to a list. */
struct table_entry *table_take(struct table *t);
/* The oldest of a list, the next younger; NULL at the end. */
struct table_entry *table_first(struct table *t, enum table_list list);
struct table_entry *table_next(struct table *t, const struct table_entry *e);
/* To the end of a list. LIST_FREE: it cannot be found any more. */
void table_move(struct table *t, struct table_entry *e, enum table_list list);
/* It can be found by what it says now of this key, before others that say the same; call again when that changes. */
void table_show(struct table *t, struct table_entry *e, enum table_key key);
/* No longer. */
void table_hide(struct table *t, struct table_entry *e, enum table_key key);
/* The first, or the next after `after`, that may be what `like` says: other keys may share the bucket. */
struct table_entry *table_find(struct table *t, enum table_key key, const struct table_entry *like,
                               const struct table_entry *after);
bool table_knows_local(const struct table_entry *e);
