/* losses: notices what a live recording misses, and puts a gap into it. Also looks after our rules, the clock and
 * the host's name. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <sys/utsname.h>

#include "recorder/clockwatch.h"
#include "recorder/recording.h"
#include "recorder/rules.h"

struct losses_counts {
	uint64_t overruns;  /* ENOBUFS on the data socket, ever */
	uint64_t ring_lost; /* records that found no room in the ring, ever */
};

struct losses {
	int fd;              /* a control socket */
	size_t rules;        /* how many of ours there should be */
	const struct rules_wish *wish; /* which; the caller's */
	uint32_t kernel;     /* `lost` at the last look */
	struct losses_counts seen;
	int64_t looked_ms, rules_ms; /* audit time of the last looks */
	uint64_t kernel_total, rules_restored; /* since the start */
	int64_t last_ms;     /* when something was lost last; 0 never */
	bool locked;         /* our rules are missing, and the kernel lets nobody change that (-e 2) */
	struct clockwatch clocks;
	struct utsname host; /* as it was called at the last look */
};

/* From now_ms on, when the kernel's counter was `lost`. `rules`: how many of ours there should be, as wished for. 0 or
 * negative errno. */
int losses_start(struct losses *l, int fd, size_t rules, const struct rules_wish *wish, uint32_t lost, int64_t now_ms);
void losses_end(struct losses *l);
/* Looks, about once a second; emits gaps, and for what was done to audit or to the clock also an event that says so. 0, or
 * the error of recording_item. put_back: whether rules may be put back; not while they are being removed. */
int losses_look(struct losses *l, struct recording *r, struct losses_counts counts, int64_t now_ms, bool put_back);

/* An event of no process that says in words what was done to audit, or to this machine. */
int losses_tell(struct recording *r, int64_t now_ms, const char *words);
/* That recording begins, and how late: of what happened between the boot and now only what still runs is known. */
int losses_tell_start(struct recording *r, int64_t now_ms, int64_t boot_ms);
