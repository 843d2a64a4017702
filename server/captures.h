/* captures: what apps ask about snapshots, on their way and whole: start, pause, resume, delete, list, open, fetch. */
#pragma once

#include "server/app.h"

void captures_start(struct app *a, const struct control *c);
void captures_pause(struct app *a, const struct control *c);
void captures_resume(struct app *a, const struct control *c);
void captures_delete(struct app *a, const struct control *c);
void captures_list(struct app *a, const struct control *c);
void captures_open(struct app *a, const struct control *c);
void captures_fetch(struct app *a, const struct control *c);
