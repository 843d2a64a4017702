/* health: what a running recorder tells about itself, in a small file that `status` reads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HEALTH_PATH "/run/spoor/recorder.status"

struct health {
	pid_t pid;
	unsigned long long pid_start; /* procfs_start_ticks: tells a pid used again */
	int64_t started_ms, updated_ms;
	char db[1024];
	char source[16];     /* how records come: "unicast" … */
	char wish[16];       /* what was asked for: "auto" … */
	char why[160];       /* why that one */
	uint32_t owner;      /* who owns the audit socket, 0 nobody */
	unsigned changes;    /* of the source, since the start */
	char selftest[16];   /* "passed" … */
	char cause[160];     /* of its failure, "" none */
	char exits[96];      /* why ends of processes that a signal killed are not told; "": they are */
	char closes[96];     /* the same of ends of connections */
	bool locked;         /* our rules are missing or cannot be put back: -e 2 */
	uint64_t records, lost, overruns, rules_restored; /* since the start */
	int64_t last_loss_ms; /* 0 never */
	int64_t full_since_ms; /* since when there is no room to store more; 0 there is */
	uint32_t full_cause;   /* why: GAP_DISK_FULL, GAP_READER */
	char ended[256];     /* why recording ended by itself, "": it has not */
	int64_t aside_ms;    /* at the start the database would not open and was set aside; 0 no */
};

/* Written whole and renamed into place; 0644. 0 or negative errno. */
int health_save(const char *path, const struct health *h);
/* 0; -ENOENT …; -EBADMSG: not understood. */
int health_load(const char *path, struct health *ret);
/* Does that recorder still run? It has not when `ended` says why. */
bool health_alive(const struct health *h);
