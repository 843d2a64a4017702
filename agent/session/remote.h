/* remote: a reader whose recording is at the other end of a stream socket. */
#pragma once

#include "recorder/query/reader.h"

/* Takes fd over (also on failure). Calls fail with -EPIPE once the other side is gone, with -EPROTO on nonsense.
 * NULL when memory is out. */
struct reader *remote_reader_new(int fd);
