/* path: PATH records, and names made absolute. */
#pragma once

#include "recorder/record.h"

enum { PATH_AT_CWD = 0xffffff9c }; /* AT_FDCWD: the lower 32 bits of what a record has, which may be sign-extended */

enum path_nametype {
	PATH_UNKNOWN,
	PATH_NORMAL,
	PATH_PARENT,
	PATH_DELETE,
	PATH_CREATE,
};

struct path_item {
	uint32_t item;
	enum path_nametype nametype;
	uint32_t mode; /* st_mode; 0 when the record has none */
	uint32_t owner, group; /* ouid, ogid, and mode: as they were before the call; UINT32_MAX when the record has none */
	uint64_t inode; /* 0 when the record has none */
	struct span device; /* "fd:00" */
	struct record_field name; /* key absent when there is none */
};

/* "fd:01", hexadecimal, as stat(2) numbers it; 0 when it is no device. */
uint64_t path_device(struct span s);

void path_item_parse(struct span body, struct path_item *ret);

/* An absolute form of `name` in the arena, by text alone: relative names are put behind `base` (absolute; a working
 * directory as the kernel tells it, free of links), whose last parts go for each leading "..". Repeated slashes and
 * "." parts are dropped. ".." further inside stays: what it means depends on links that nobody recorded.
 * *ret_relative: no base to join with; the name is as it was. Absent on lack of memory. */
struct span path_join(struct arena *arena, struct span base, struct span name, bool *ret_relative);
