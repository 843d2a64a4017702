/* established: the TCP connections that are there when a recording starts, so that their ends can be told as whose they were.
 * The first process that is found to have a connection counts as its owner. */
#pragma once

#include "recorder/recording.h"

enum { ESTABLISHED_MAX = 4096 };

/* After the processes that run were added. What cannot be read is left out. 0, or -ENOMEM. */
int established_add(struct recording *r);
