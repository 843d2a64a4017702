/* losses: notices what a live recording misses, and puts a gap into it. Also looks after our rules. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "recorder/recording.h"

struct losses_counts {
	uint64_t overruns;  /* ENOBUFS on the data socket, ever */
	uint64_t ring_lost; /* records that found no room in the ring, ever */
};

struct losses {
	int fd;              /* a control socket */
	pid_t self;
	size_t rules;        /* how many of ours there should be */
	uint32_t kernel;     /* `lost` at the last look */
	struct losses_counts seen;
	int64_t looked_ms, rules_ms; /* audit time of the last looks */
	uint64_t kernel_total, rules_restored; /* since the start */
};

/* From now on. 0 or negative errno. */
int losses_start(struct losses *l, int fd, pid_t self, int64_t now_ms);
/* Looks, about once a second; emits gaps. 0, or the error of recording_item. */
int losses_look(struct losses *l, struct recording *r, struct losses_counts counts, int64_t now_ms);
