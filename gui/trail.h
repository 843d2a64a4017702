/* trail: where the user has been in one tab, for Back and Forward: what its page asked for, and the tabs that it came
 * from and led to. Tabs have numbers, from 1; who knows whether one is still there is the window. */
#pragma once

#include "gui/explorer.h"

struct trail_mark {
	guint from;                  /* the tab that led here; 0: this one itself */
	struct explorer_state state; /* of an explorer, else empty */
};

struct trail;
struct trail *trail_new(guint number, guint from, const struct explorer_state *state);
void trail_free(struct trail *t);
guint trail_number(const struct trail *t);
/* Now here: copied. What was ahead is forgotten; the same state twice counts once. */
void trail_add(struct trail *t, guint from, const struct explorer_state *state);
const struct trail_mark *trail_here(struct trail *t);
/* The mark before or after; NULL when there is none. Valid until the next call. */
const struct trail_mark *trail_look(struct trail *t, int by);
/* Moves there. */
const struct trail_mark *trail_go(struct trail *t, int by);
/* The tab that Forward leads to, as Back came from it; 0 none. trail_add() forgets it. */
void trail_set_ahead(struct trail *t, guint tab);
guint trail_get_ahead(const struct trail *t);
