/* report: what the client tells about itself, in a small file that `status` reads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/client/client-conf.h"
#include "agent/client/enrolment.h"

enum report_state { REPORT_NOT_ENROLLED, REPORT_OFF, REPORT_FAILED, REPORT_AWAY, REPORT_CONNECTED, REPORT_STATES };

struct report {
	pid_t pid;
	unsigned long long pid_start; /* tells a pid used again */
	enum report_state state;
	char server[CLIENT_CONF_NAME + 8];   /* NAME:PORT: with whom, or who was tried last; "" none yet */
	char endpoint[ENROLMENT_ID];  /* our name there; "" not enrolled */
	int64_t since_ms;             /* in this state */
	char error[512];              /* the last one, "" none */
	int64_t error_ms;
	unsigned sessions;            /* open now */
};

/* Written whole and renamed into place; 0644. 0 or negative errno. */
int report_save(const char *path, const struct report *r);
/* 0; -ENOENT …; -EBADMSG not understood. */
int report_load(const char *path, struct report *ret);
/* Does that client still run? */
bool report_alive(const struct report *r);
/* Fills in who we are. */
void report_begin(struct report *r);
const char *report_state_name(enum report_state state); /* "connected" … */
