#include "gui/search-model.h"

#include "agent/base/cleanup.h"

struct search_model {
	struct search_node *root;
	GPtrArray *undo, *redo; /* earlier and later roots */
};

/* ---- nodes ---- */

static void node_free(gpointer data)
{
	struct search_node *n = data;

	if (n->kids)
		g_ptr_array_unref(n->kids);
	expr_free(n->expr);
	g_free(n);
}

static struct search_node *node_new(enum search_kind kind)
{
	struct search_node *n = g_new0(struct search_node, 1);

	n->kind = kind;
	if (kind != SEARCH_CHIP)
		n->kids = g_ptr_array_new_with_free_func(node_free);
	return n;
}

static struct search_node *kid_at(const struct search_node *n, guint i)
{
	return g_ptr_array_index(n->kids, i);
}

static void append(struct search_node *group, struct search_node *n)
{
	n->parent = group;
	g_ptr_array_add(group->kids, n);
}

/* Out of its group, alive. */
static struct search_node *take(struct search_node *n)
{
	guint at;

	if (n->parent && g_ptr_array_find(n->parent->kids, n, &at))
		g_ptr_array_steal_index(n->parent->kids, at);
	n->parent = NULL;
	return n;
}

/* `n` comes to where `old` was; `old` is out, alive. */
static void put_for(struct search_node *old, struct search_node *n)
{
	struct search_node *parent = old->parent;
	guint at;

	if (g_ptr_array_find(parent->kids, old, &at)) {
		parent->kids->pdata[at] = n;
		n->parent = parent;
	}
	old->parent = NULL;
}

static struct expr *copy_expr(const struct expr *e)
{
	AUTO_BUF text = BUF_INIT;
	struct expr_error fault;
	struct expr *copy = NULL;

	expr_print(e, &text);
	if (text.failed || expr_parse(buf_span(&text), &copy, &fault) < 0)
		g_error("search-model: out of memory");
	return copy;
}

static struct search_node *node_copy(const struct search_node *n)
{
	struct search_node *copy = node_new(n->kind);

	copy->negated = n->negated;
	copy->off = n->off;
	copy->expr = n->expr ? copy_expr(n->expr) : NULL;
	for (guint i = 0; n->kids && i < n->kids->len; i++)
		append(copy, node_copy(kid_at(n, i)));
	return copy;
}

/* ---- from an expression ---- */

static struct search_node *node_of(const struct expr *e, unsigned level)
{
	struct search_node *n;
	gboolean negated = FALSE;

	for (; e->op == EXPR_NOT; e = e->kids[0])
		negated = !negated;
	if ((e->op == EXPR_AND || e->op == EXPR_OR) && level < SEARCH_LEVELS) {
		n = node_new(e->op == EXPR_AND ? SEARCH_AND : SEARCH_OR);
		for (size_t i = 0; i < e->n_kids; i++)
			append(n, node_of(e->kids[i], level + 1));
	} else {
		n = node_new(SEARCH_CHIP);
		n->expr = copy_expr(e);
	}
	n->negated = negated;
	return n;
}

static struct search_node *root_of(const struct expr *e)
{
	struct search_node *n, *root;

	if (e->op == EXPR_ALL)
		return node_new(SEARCH_AND);
	n = node_of(e, 0);
	if (n->kind != SEARCH_CHIP && !n->negated)
		return n;
	root = node_new(SEARCH_AND);
	append(root, n);
	return root;
}

/* ---- to text ---- */

static gboolean is_empty(const struct search_node *n)
{
	if (n->off)
		return TRUE;
	for (guint i = 0; n->kids && i < n->kids->len; i++)
		if (!is_empty(kid_at(n, i)))
			return FALSE;
	return n->kids != NULL;
}

static guint count_active(const struct search_node *n)
{
	guint active = 0;

	for (guint i = 0; i < n->kids->len; i++)
		active += !is_empty(kid_at(n, i));
	return active;
}

static void print_chip(const struct search_node *n, struct buf *out)
{
	gboolean group = n->expr->op == EXPR_AND || n->expr->op == EXPR_OR;

	buf_add_z(out, n->negated ? "not " : "");
	buf_add_z(out, group || n->expr->op == EXPR_ALL ? "(" : "");
	expr_print(n->expr, out);
	buf_add_z(out, group || n->expr->op == EXPR_ALL ? ")" : "");
}

static void print_node(const struct search_node *n, struct buf *out)
{
	guint active = n->kids ? count_active(n) : 0;
	gboolean brackets = n->negated || (n->parent && active > 1);
	const char *between = "";

	if (!n->kids) {
		print_chip(n, out);
		return;
	}
	buf_add_z(out, n->negated ? "not " : "");
	buf_add_z(out, brackets ? "(" : "");
	for (guint i = 0; i < n->kids->len; i++) {
		if (is_empty(kid_at(n, i)))
			continue;
		buf_add_z(out, between);
		print_node(kid_at(n, i), out);
		between = n->kind == SEARCH_AND ? " and " : " or ";
	}
	buf_add_z(out, brackets ? ")" : "");
}

char *search_model_text(const struct search_model *m)
{
	AUTO_BUF out = BUF_INIT;

	if (!is_empty(m->root))
		print_node(m->root, &out);
	return g_strndup(buf_span(&out).p, out.n);
}

/* ---- changing, and taking back ---- */

static void begin(struct search_model *m)
{
	g_ptr_array_add(m->undo, node_copy(m->root));
	if (m->undo->len > SEARCH_UNDO)
		g_ptr_array_remove_index(m->undo, 0);
	g_ptr_array_set_size(m->redo, 0);
}

/* Groups of nothing go, a group of one becomes that one; the root stays a group. */
static void tidy(struct search_node *group)
{
	for (guint i = group->kids->len; i-- > 0;) {
		struct search_node *kid = kid_at(group, i), *only;

		if (!kid->kids)
			continue;
		tidy(kid);
		if (kid->kids->len == 0) {
			node_free(take(kid));
		} else if (kid->kids->len == 1) {
			only = take(kid_at(kid, 0));
			only->negated ^= kid->negated;
			only->off |= kid->off;
			put_for(kid, only);
			node_free(kid);
		}
	}
}

static void end(struct search_model *m)
{
	struct search_node *only;

	tidy(m->root);
	only = m->root->kids->len == 1 ? kid_at(m->root, 0) : NULL;
	if (!only || !only->kids || only->negated || only->off)
		return;
	take(only);
	node_free(m->root);
	m->root = only;
}

static struct search_node *mine(const struct search_node *n)
{
	return (struct search_node *)n;
}

static struct expr *parsed(const char *text)
{
	struct expr_error fault;
	struct expr *e = NULL;

	return expr_parse(span_of(text), &e, &fault) == 0 ? e : NULL;
}

static void keep_off(struct search_node *from, struct search_node *to)
{
	for (guint i = 0; i < from->kids->len; i++) {
		struct search_node *kid = kid_at(from, i);

		if (kid->off)
			append(to, node_copy(kid));
		else if (kid->kids)
			keep_off(kid, to);
	}
}

gboolean search_model_set_text(struct search_model *m, const char *text)
{
	g_autofree char *now = search_model_text(m);
	AUTO_EXPR *e = parsed(text), *old = parsed(now);
	struct search_node *root;

	if (!e)
		return FALSE;
	if (old && expr_equal(e, old))
		return TRUE;
	begin(m);
	root = root_of(e);
	keep_off(m->root, root);
	node_free(m->root);
	m->root = root;
	return TRUE;
}

static void add_node(struct search_model *m, struct search_node *n, enum search_kind join)
{
	struct search_node *old = m->root;

	if (old->kids->len <= 1) {
		old->kind = join;
	} else if (old->kind != join) {
		m->root = node_new(join);
		append(m->root, old);
	}
	append(m->root, n);
}

void search_model_add(struct search_model *m, struct expr *e, enum search_kind join)
{
	begin(m);
	add_node(m, node_of(e, 1), join);
	expr_free(e);
	end(m);
}

void search_model_update(struct search_model *m, const struct search_node *node, struct expr *e)
{
	struct search_node *n = mine(node), *new = node_of(e, 1);

	begin(m);
	expr_free(e);
	new->off = n->off;
	put_for(n, new);
	node_free(n);
	end(m);
}

void search_model_negate(struct search_model *m, const struct search_node *n)
{
	begin(m);
	mine(n)->negated = !n->negated;
	end(m);
}

void search_model_switch(struct search_model *m, const struct search_node *n)
{
	begin(m);
	mine(n)->off = !n->off;
	end(m);
}

void search_model_remove(struct search_model *m, const struct search_node *n)
{
	begin(m);
	node_free(take(mine(n)));
	end(m);
}

void search_model_clear(struct search_model *m)
{
	begin(m);
	node_free(m->root);
	m->root = node_new(SEARCH_AND);
}

void search_model_turn(struct search_model *m, const struct search_node *group)
{
	begin(m);
	mine(group)->kind = group->kind == SEARCH_AND ? SEARCH_OR : SEARCH_AND;
	end(m);
}

static gboolean is_within(const struct search_node *n, const struct search_node *of)
{
	for (; n; n = n->parent)
		if (n == of)
			return TRUE;
	return FALSE;
}

void search_model_move(struct search_model *m, const struct search_node *n, const struct search_node *group)
{
	if (!n->parent || group->kind == SEARCH_CHIP || is_within(group, n))
		return;
	begin(m);
	append(mine(group), take(mine(n)));
	end(m);
}

void search_model_pair(struct search_model *m, const struct search_node *n, const struct search_node *with)
{
	struct search_node *pair;

	if (!n->parent || !with->parent || is_within(with, n) || is_within(n, with))
		return;
	begin(m);
	pair = node_new(with->parent->kind == SEARCH_AND ? SEARCH_OR : SEARCH_AND);
	take(mine(n));
	put_for(mine(with), pair);
	append(pair, mine(with));
	append(pair, mine(n));
	end(m);
}

static gboolean step(struct search_model *m, GPtrArray *from, GPtrArray *to)
{
	if (!from->len)
		return FALSE;
	g_ptr_array_add(to, m->root);
	m->root = g_ptr_array_steal_index(from, from->len - 1);
	return TRUE;
}

gboolean search_model_can_undo(const struct search_model *m)
{
	return m->undo->len > 0;
}

gboolean search_model_can_redo(const struct search_model *m)
{
	return m->redo->len > 0;
}

gboolean search_model_undo(struct search_model *m)
{
	return step(m, m->undo, m->redo);
}

gboolean search_model_redo(struct search_model *m)
{
	return step(m, m->redo, m->undo);
}

/* ---- the model ---- */

const struct search_node *search_model_root(const struct search_model *m)
{
	return m->root;
}

static guint count_chips(const struct search_node *n, gboolean on, guint *ret_on)
{
	guint all = 0;

	on = on && !n->off;
	if (!n->kids) {
		*ret_on += on;
		return 1;
	}
	for (guint i = 0; i < n->kids->len; i++)
		all += count_chips(kid_at(n, i), on, ret_on);
	return all;
}

guint search_model_n_chips(const struct search_model *m, guint *ret_on)
{
	*ret_on = 0;
	return count_chips(m->root, TRUE, ret_on);
}

struct search_model *search_model_new(void)
{
	struct search_model *m = g_new0(struct search_model, 1);

	m->root = node_new(SEARCH_AND);
	m->undo = g_ptr_array_new_with_free_func(node_free);
	m->redo = g_ptr_array_new_with_free_func(node_free);
	return m;
}

void search_model_free(struct search_model *m)
{
	if (!m)
		return;
	node_free(m->root);
	g_ptr_array_unref(m->undo);
	g_ptr_array_unref(m->redo);
	g_free(m);
}
