/* execve: the arguments of a program from its EXECVE records, however many those are and in whatever order. */
#pragma once

#include "recorder/record.h"

struct execve_args {
	struct span command_line; /* joined with one space each, in the arena */
	const int32_t *lengths;   /* per argument, -1 missing; NULL when splitting at spaces gives them back */
	uint32_t argc;
	bool partial; /* an argument or a piece of one is missing */
};

/* Records of one event. 0, -EINVAL when there is no argc and no argument, -ENOMEM. */
int execve_join(const struct span *bodies, size_t n, struct arena *arena, struct execve_args *ret);
/* How many arguments these fields complete, and argc if told (else untouched): for knowing whether all came. 0, -ENOMEM. */
int execve_count(struct span body, uint32_t *ret_n, uint32_t *ret_argc);
