/* enrol: a computer that has no certificate yet gets one for its public key, with a token. */
#pragma once

#include "server/peer.h"

unsigned enrol_accept(struct server *s, struct link *l, struct peer **ret);
