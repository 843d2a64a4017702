/* source: the way in which audit records reach a live recording, and its changes while it runs.
 *
 * One at a time: owning the kernel's audit socket (unicast), listening beside its owner (multicast), or lines from
 * auditd on a descriptor (plugin). With SOURCE_AUTO the socket is owned while nobody else does: when another daemon asks
 * for it, it is given up; when that one ends, it is taken again. Around a change both ways are read, and what came
 * twice is dropped, so that nothing is lost.
 * source_drain, source_look: one thread. source_state, source_release: any.
 */
#pragma once

#include <linux/audit.h>

#include "recorder/netlink.h"

enum source_kind { SOURCE_AUTO, SOURCE_UNICAST, SOURCE_MULTICAST, SOURCE_PLUGIN };
/* "auto", "unicast", "multicast", "plugin" */
const char *source_kind_name(enum source_kind kind);
/* 0 or -EINVAL. */
int source_kind_parse(const char *name, enum source_kind *ret);

enum { SOURCE_LINE = 0 }; /* the `type` of a whole line of a log instead of a message */

struct source;
/* Records go to fn. plugin_fd: where SOURCE_PLUGIN reads lines; else ignored. 0 or negative errno; -EEXIST: wanted is
 * unicast, and somebody else has it. */
int source_open(enum source_kind wish, int plugin_fd, netlink_record_fn *fn, void *data, struct source **ret);
void source_free(struct source *s); /* NULL is fine */

int source_fd(const struct source *s);
/* Hands over what is waiting. How often the kernel's buffer overflowed meanwhile; -ENODATA: no more will ever come (the
 * plugin's input has ended). */
int source_drain(struct source *s);
/* About once a second: is it still right? true: the way has changed, so source_fd has, too. */
bool source_look(struct source *s);
/* Gives up what the kernel gave us; what is waiting can still be drained. No source_look will change anything after. */
void source_release(struct source *s);

struct source_state {
	enum source_kind kind;
	char why[160];    /* one line for people */
	uint32_t owner;   /* who owns the socket, 0 nobody */
	unsigned changes; /* since the start */
};
struct source_state source_state(struct source *s);

enum { SOURCE_NAME = 32 };
/* What the process is called, "a process" when that cannot be read: false then. */
bool source_name_of(uint32_t pid, char ret[SOURCE_NAME]);
