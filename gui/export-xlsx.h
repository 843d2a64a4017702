/* export-xlsx: the texts inside a workbook (ECMA-376 part 1), for export-xlsx.c and its test. */
#pragma once

#include "agent/base/buf.h"

enum { EXPORT_XLSX_ROWS = 1048576, EXPORT_XLSX_CELL = 32767 }; /* of a sheet, of a cell (in units of UTF-16) */

/* Appends a text as the content of an element: escaped, with what XML cannot have made visible, cut (with … at its end)
 * at EXPORT_XLSX_CELL. "_x0041_", which a reader would take for "A", is protected (22.9.2.19). Returns whether it was cut. */
bool export_xlsx_text(struct buf *out, struct span text);
/* "A", "Z", "AA": of column 0, 25, 26. */
void export_xlsx_letters(unsigned column, char ret[4]);
