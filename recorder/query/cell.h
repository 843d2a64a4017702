/* cell: one text of a recording as a file for other programs holds it. Whoever wrote the text may have wished that
 * program harm; what is appended is always valid UTF-8, CSV or JSON. */
#pragma once

#include "agent/base/buf.h"

/* Whether a spreadsheet would take the text for a formula: = + - @ and their wide forms, also behind spaces. */
bool cell_is_formula(struct span text);
/* Appends the text fit to show (text_visible: controls, so also tabs and line ends, become visible), with an apostrophe
 * in front where it would be taken for a formula. */
void cell_inert(struct buf *out, struct span text);
/* A CSV field (RFC 4180): cell_inert, always in quotes. */
void cell_csv(struct buf *out, struct span text);

/* JSON has every valid UTF-8 text exactly, controls and bidirectional characters escaped. A text that is not valid UTF-8
 * has its bad bytes as \xNN, and is to be accompanied by its bytes: cell_json_hex. */
bool cell_is_exact(struct span text);
void cell_json(struct buf *out, struct span text);
void cell_json_hex(struct buf *out, struct span bytes);
