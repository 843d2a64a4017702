/* text: hostile bytes made fit to compare and to show. */
#pragma once

#include "agent/base/buf.h"

/* Valid UTF-8 by RFC 3629 (no surrogates, no overlong forms)? NUL bytes count as valid. */
bool text_is_utf8(struct span s);

/* Appends s so that it can be shown on one line of a terminal or a label: invalid bytes as \xNN, C0/C1 controls
 * as \n \t \xNN, bidirectional and zero-width controls as \u{NNNN}. A backslash stays itself. The result is UTF-8. */
void text_visible(struct buf *out, struct span s);
/* Length of the control that s begins with, of those that text_visible makes visible, and which it is; 0: none. */
size_t text_hidden(struct span s, uint32_t *ret);

/* Its first n bytes at most, in whole characters where it is UTF-8. */
struct span text_cut(struct span s, size_t n);

/* Appends the simple case folding of s (towlower per code point; ASCII fast). Bytes that are not UTF-8 stay. */
void text_fold(struct buf *out, struct span s);

/* ASCII-fast comparisons that ignore case by text_fold's rule; `needle` must already be folded. */
bool text_contains_folded(struct span haystack, struct span needle);
bool text_starts_folded(struct span s, struct span prefix);
bool text_ends_folded(struct span s, struct span suffix);
bool text_equals_folded(struct span s, struct span other);
