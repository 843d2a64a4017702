/* translate: marks what the desktop app shows in its user's language. Elsewhere the text stays as it is. */
#pragma once

/* The text itself, found by xgettext where assets/po/POTFILES names the file. */
#define N_(text) text
