/* greet: reaches a server (wire.h, "Between programs"): dials it, makes a link of the connection, says hello and waits for
 * the welcome. */
#pragma once

#include "agent/net/link.h"
#include "agent/wire/control.h"

enum { GREET_MS = 10000, GREET_TEXT = 1200 };

struct greet;

struct greet_end {
	int error;             /* negative */
	enum tls_fault fault;
	unsigned status;       /* of an HTTP answer that was no upgrade; 0 */
	unsigned code;         /* of its close; 0 */
	bool reached;          /* it answered the dialling: another address of the same server would say the same */
	const char *text;      /* why, for people: "its certificate has expired" */
};

/* Once, then the greet is freed. link: the welcomed link, for which another handler must be set in here (link_set_handler); its
 * max_message is WIRE_GREETING_BYTES. NULL: `why` tells. */
typedef void greet_fn(struct link *link, const struct greet_end *why, void *data);

struct greet_config {
	struct fdm *fdm;
	struct tls_policy policy; /* what it points to must outlive the link */
	const char *name;         /* of the server, as its certificate has it */
	const char *address;      /* where it is; NULL: at its name */
	uint16_t port;
	const char *target;       /* "/agent" */
	const char *program, *host; /* of the hello: who we are */
	greet_fn *done;
	void *data;
};

/* All is copied but what the policy points to. 0 or negative errno; `done` is not called from here. */
int greet_new(const struct greet_config *config, struct greet **ret);
/* Ends it; `done` is not called any more. NULL is fine. */
void greet_free(struct greet *g);

/* Why a link ended, for people, from its `closed`. Returns text. */
const char *greet_explain(const struct link *l, const struct link_end *end, char text[GREET_TEXT]);
/* Why dialling failed. Valid for good, or until the next strerror. */
const char *greet_explain_dial(int error);
