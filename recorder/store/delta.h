/* delta: a text written as what it has of another, its base, and what is new. A compiler run starts programs with
 * command lines of a kilobyte that differ in a name. Internal to recorder/store; read texts through text.h.
 *
 * A delta is UTF-8 text: steps of three numbers (n is the character n + 1) and new ASCII characters: from where to copy,
 * how many, how many new ones follow. The place counts in base and result so far as one text, from the end of the last
 * copy: 2d for d behind it, 2d - 1 for d before it. The views of schema.sql undo it in SQL.
 */
#pragma once

#include "agent/base/buf.h"

enum { DELTA_MIN = 24, DELTA_MAX = 8192 }; /* bytes that base and text may have */

/* May such a text have or be a base? ASCII without NUL, of a fitting length. */
bool delta_may(struct span text);
struct delta_work; /* memory that making needs */
struct delta_work *delta_work_new(void);
/* Appends the delta of text from base, both of which may, if it has fewer than `most` bytes. False: it has not, or
 * out->failed; out is as it was. */
bool delta_make(struct delta_work *w, struct span base, struct span text, size_t most, struct buf *out);
/* Appends what the delta says. 0; -EBADMSG when it makes no sense or is longer than DELTA_MAX, -ENOMEM: out is as it
 * was. */
int delta_undo(struct span base, struct span delta, struct buf *out);
