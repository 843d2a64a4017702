/* How a tree is wanted: at an instant, searched, coloured. Part of tree-stage. */
#include <ctype.h>
#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <strings.h>

#include "timeline/view/tree-stage.h"
#include "timeline/view/words.h"

int tree_stage_set_instant(struct tree_stage *t, int64_t instant)
{
	if (t->instant == instant)
		return 0;
	t->instant = instant;
	return tree_stage_lay_out(t);
}

/* ---- finding ---- */

static bool contains(struct span text, struct span part)
{
	if (!text.p || part.n > text.n)
		return false;
	for (size_t i = 0; i + part.n <= text.n; i++)
		if (strncasecmp(text.p + i, part.p, part.n) == 0)
			return true;
	return false;
}

static bool matches(const struct reader_node *n, struct span text)
{
	char pid[24];
	int length = snprintf(pid, sizeof(pid), "%lld", (long long)n->pid);

	return contains(n->name, text) || contains(n->executable, text) || contains(n->command_line, text) ||
	       contains(n->user, text) || span_eq(text, (struct span){ pid, (size_t)length });
}

size_t tree_stage_find(struct tree_stage *t, const char *text)
{
	free(t->found);
	t->found = NULL;
	t->n_found = 0;
	t->at_found = TREELAYOUT_NONE;
	if (!text || !*text || t->tree.n == 0)
		return 0;
	t->found = calloc(t->tree.n, sizeof(*t->found));
	for (size_t i = 0; t->found && i < t->tree.n; i++) {
		t->found[i] = matches(&t->tree.nodes[i], span_of(text));
		t->n_found += t->found[i];
	}
	return t->n_found;
}

static uint32_t parent_node(const struct tree_stage *t, uint32_t node)
{
	for (uint32_t i = 0; i < t->tree.n; i++)
		if (t->tree.nodes[i].process == t->tree.nodes[node].parent && i != node)
			return i;
	return TREELAYOUT_NONE;
}

/* Opens its group, and expands what is above it. */
static int uncover(struct tree_stage *t, uint32_t node)
{
	int r = 0;

	for (int depth = 0; depth < 200 && node != TREELAYOUT_NONE && r == 0; depth++) {
		uint32_t above = parent_node(t, node);

		r = map_put(&t->opened, treelayout_group_key(&t->tree, node), 1);
		if (above != TREELAYOUT_NONE)
			map_remove(&t->collapsed, (uint64_t)t->tree.nodes[above].process);
		node = above;
	}
	return r < 0 ? r : tree_stage_lay_out(t);
}

static uint32_t item_of(const struct tree_stage *t, uint32_t node)
{
	for (size_t i = 0; i < t->layout.n; i++)
		if (t->layout.items[i].node == node && t->layout.items[i].role != TREELAYOUT_GROUP &&
		    t->layout.items[i].role != TREELAYOUT_MORE)
			return (uint32_t)i;
	return TREELAYOUT_NONE;
}

bool tree_stage_find_step(struct tree_stage *t, int by)
{
	size_t n = t->tree.n, at = t->at_found == TREELAYOUT_NONE ? (by > 0 ? n - 1 : 0) : t->at_found;
	uint32_t item;

	if (!t->found || !t->n_found)
		return false;
	for (size_t k = 0; k < n; k++) {
		at = (at + n + (size_t)by) % n;
		if (!t->found[at])
			continue;
		item = item_of(t, (uint32_t)at);
		if (item == TREELAYOUT_NONE && uncover(t, (uint32_t)at) == 0)
			item = item_of(t, (uint32_t)at);
		if (item == TREELAYOUT_NONE)
			continue; /* it did not live at the instant shown */
		t->at_found = (uint32_t)at;
		t->selected = item;
		tree_stage_animate(t, 1);
		tree_stage_reveal(t, item);
		return true;
	}
	return false;
}

/* ---- colours ---- */

int tree_stage_set_tallies(struct tree_stage *t, const struct tree_tally *tallies, size_t n)
{
	struct tree_tally *copy = calloc(n + 1, sizeof(*copy));
	int r = 0;

	if (!copy)
		return -ENOMEM;
	free(t->tallies);
	map_clear(&t->tally);
	t->tallies = copy;
	t->n_tallies = n;
	t->greatest = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		copy[i] = tallies[i];
		t->greatest = copy[i].hits > t->greatest ? copy[i].hits : t->greatest;
		r = map_put(&t->tally, (uint64_t)copy[i].process, i);
	}
	return r;
}

const struct tree_tally *tree_stage_tally(const struct tree_stage *t, int64_t process)
{
	uint64_t *at = map_get(&t->tally, (uint64_t)process);

	return at ? &t->tallies[*at] : NULL;
}

bool tree_stage_colour_of(const struct tree_stage *t, const struct reader_node *n, struct theme_colour *ret,
                          double *strength)
{
	const struct tree_tally *tally = tree_stage_tally(t, n->process);

	*strength = 1;
	switch (t->colour) {
	case TREE_BY_USER:
		if (!n->user.p)
			return false;
		*ret = t->theme.segments[theme_segment_number(n->user)];
		return true;
	case TREE_BY_KIND:
		if (!tally || !tally->events || tally->kind == EVENT_NONE)
			return false;
		*ret = t->theme.kinds[tally->kind];
		*strength = 0.3;
		return true;
	case TREE_BY_HITS:
		if (!tally || !tally->hits)
			return false;
		*ret = t->theme.hit;
		*strength = 0.2 + 0.5 * (double)tally->hits / (double)(t->greatest ? t->greatest : 1);
		return true;
	default:
		return false;
	}
}

static size_t user_keys(const struct tree_stage *t, struct tree_key *keys, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < t->tree.n && n < max; i++) {
		struct span user = t->tree.nodes[i].user;
		bool known = !user.p;

		for (size_t k = 0; k < n && !known; k++)
			known = span_eq(span_of(keys[k].words), user);
		if (known || user.n >= sizeof(keys->words))
			continue;
		keys[n].colour = t->theme.segments[theme_segment_number(user)];
		snprintf(keys[n++].words, sizeof(keys->words), "%.*s", (int)user.n, user.p);
	}
	return n;
}

size_t tree_stage_keys(const struct tree_stage *t, struct tree_key *keys, size_t max)
{
	bool seen[EVENT_CATEGORY_COUNT] = { false };
	size_t n = 0;

	if (t->colour == TREE_BY_USER)
		return user_keys(t, keys, max);
	if (t->colour == TREE_BY_HITS && max) {
		keys[0].colour = t->theme.hit;
		g_strlcpy(keys[0].words, _("Events found"), sizeof(keys->words));
		return 1;
	}
	for (size_t i = 0; i < t->n_tallies && t->colour == TREE_BY_KIND; i++)
		seen[t->tallies[i].kind] = true;
	for (int c = EVENT_NONE + 1; c < EVENT_CATEGORY_COUNT && n < max; c++) {
		if (!seen[c])
			continue;
		keys[n].colour = t->theme.kinds[c];
		snprintf(keys[n++].words, sizeof(keys->words), _("Mostly %s"), theme_kind_name((enum event_category)c));
	}
	return n;
}
