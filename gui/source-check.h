/* source-check: looks a recording through for damage in a confined child of its own, while another is read. */
#pragma once

#include "gui/source.h"

struct source_check_run;

/* Calls done(self, r, error) on the main loop unless it is stopped or the source is gone before: r 0 when it is sound, else
 * a negative errno with one line for people. */
struct source_check_run *source_check_start(Source *self, void (*done)(Source *self, int r, const char *error));
void source_check_stop(struct source_check_run *c);
