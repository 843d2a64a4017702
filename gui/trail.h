/* trail: where the user has been in a window, for Back and Forward. */
#pragma once

#include "gui/explorer.h"

struct trail_mark {
	const char *area;  /* static, or NULL when it is a page */
	GtkWidget *page;   /* not owned: trail_forget before it goes */
	struct explorer_state state;
};

struct trail;
struct trail *trail_new(void);
void trail_free(struct trail *t);
/* Now here: copied. What was ahead is forgotten; the same place twice counts once. */
void trail_add(struct trail *t, const struct trail_mark *m);
gboolean trail_can_go(struct trail *t, int by);
/* Moves by -1 or 1: the mark there, or NULL when there is none. Valid until the next call. */
const struct trail_mark *trail_go(struct trail *t, int by);
void trail_forget(struct trail *t, GtkWidget *page);
