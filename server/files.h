/* files: what apps ask about files of endpoints: save, and list, fetch and delete those that are kept. */
#pragma once

#include "server/app.h"

void files_save(struct app *a, const struct control *c);
void files_list(struct app *a, const struct control *c);
void files_fetch(struct app *a, const struct control *c);
void files_delete(struct app *a, const struct control *c);
