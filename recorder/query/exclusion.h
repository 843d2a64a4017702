/* exclusion: what a cost (reader_space) is in words that can be used: as an expression, and as the line of
 * spoor-agent.conf that leaves it out. */
#pragma once

#include "agent/base/buf.h"
#include "recorder/query/reader.h"

/* Appends what finds these events, and no others than the line leaves out. Nothing for an action that is not known. */
void exclusion_expression(const struct reader_cost *cost, struct buf *out);
/* Appends the line for section [exclude], as `spoor-agent config check` takes it, without a newline. Nothing for an action
 * that is not known. */
void exclusion_line(const struct reader_cost *cost, struct buf *out);
