/* search-model: one expression as chips in groups: what the search builder shows and changes. No widgets.
 *
 * A chip is one condition (chip->expr, a field with an operator and its values), or, nested too deeply to be shown,
 * any piece of expression. A group joins its kids with "and" or "or". Either may be negated, and switched off: it then
 * stays but is no part of the expression. The root is a group; empty, it means everything.
 *
 * Text and chips are the same: what search_model_text gives parses to the tree that the text given was, but for double
 * negations, which go. Every change can be taken back. Nodes are valid until the next change.
 */
#pragma once

#include <glib.h>

#include "recorder/query/expr.h"

enum search_kind { SEARCH_CHIP, SEARCH_AND, SEARCH_OR };
enum { SEARCH_LEVELS = 4, SEARCH_UNDO = 100 };

struct search_node {
	enum search_kind kind;
	gboolean negated, off;
	struct search_node *parent; /* NULL: the root */
	GPtrArray *kids;            /* of a group: struct search_node */
	struct expr *expr;          /* of a chip */
};

struct search_model;
struct search_model *search_model_new(void);
void search_model_free(struct search_model *m);
static inline void cleanup_search_model(struct search_model **m) { search_model_free(*m); }
#define AUTO_SEARCH_MODEL __attribute__((cleanup(cleanup_search_model))) struct search_model

const struct search_node *search_model_root(const struct search_model *m);
/* What is switched on, as the language writes it; "" for everything. */
char *search_model_text(const struct search_model *m);
/* Becomes that expression; what is switched off stays, at the end. FALSE: it does not parse, nothing has changed. */
gboolean search_model_set_text(struct search_model *m, const char *text);

/* The changes. They take over the expr given. `n` is a node of this model. */
void search_model_add(struct search_model *m, struct expr *e, enum search_kind join);
void search_model_update(struct search_model *m, const struct search_node *n, struct expr *e);
void search_model_negate(struct search_model *m, const struct search_node *n);
void search_model_switch(struct search_model *m, const struct search_node *n);
void search_model_remove(struct search_model *m, const struct search_node *n);
void search_model_clear(struct search_model *m);
/* Turns "and" to "or" and back. */
void search_model_turn(struct search_model *m, const struct search_node *group);
/* To the end of a group; not into itself or what is below it. */
void search_model_move(struct search_model *m, const struct search_node *n, const struct search_node *group);
/* Makes the two a group of the other kind than the one that `with` is in. */
void search_model_pair(struct search_model *m, const struct search_node *n, const struct search_node *with);

gboolean search_model_can_undo(const struct search_model *m);
gboolean search_model_can_redo(const struct search_model *m);
gboolean search_model_undo(struct search_model *m);
gboolean search_model_redo(struct search_model *m);

/* How many chips there are, and how many of them are switched on. */
guint search_model_n_chips(const struct search_model *m, guint *ret_on);
