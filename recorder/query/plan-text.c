#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "recorder/query/plan-def.h"

enum {
	KIND_OTHER = 1 << TEXT_OTHER, KIND_PATH = 1 << TEXT_PATH, KIND_DIRECTORY = 1 << TEXT_DIRECTORY,
	KIND_COMMAND_LINE = 1 << TEXT_COMMAND_LINE, KIND_ADDRESS = 1 << TEXT_ADDRESS,
};

/* Which kind of text a field's values are stored as (recorder/store). 0: not in table text. */
static unsigned kinds_of(enum field_source source)
{
	switch (source) {
	case SOURCE_FILE: case SOURCE_FILE_TARGET: case SOURCE_EXECUTABLE: case SOURCE_PROCESS_NAME:
		return KIND_PATH;
	case SOURCE_NET_SOURCE: case SOURCE_NET_DESTINATION: case SOURCE_NET_TYPE:
		return KIND_ADDRESS;
	case SOURCE_OBJECT:
		return KIND_OTHER | KIND_PATH; /* of security events, of processes */
	case SOURCE_COMMAND_LINE:
		return KIND_COMMAND_LINE;
	case SOURCE_CWD:
		return KIND_DIRECTORY;
	case SOURCE_DRIVER: case SOURCE_REGISTRY: case SOURCE_DETAIL: case SOURCE_USER_NAME: case SOURCE_AUDIT_USER_NAME:
	case SOURCE_TTY: case SOURCE_CGROUP: case SOURCE_HOST: case SOURCE_TARGET_USER: case SOURCE_OPERATION:
		return KIND_OTHER;
	default:
		return 0;
	}
}

static int add_networks(struct textset *t)
{
	t->networks = calloc(t->condition->n_values, sizeof(*t->networks));
	if (!t->networks)
		return -ENOMEM;
	for (size_t i = 0; i < t->condition->n_values; i++)
		if (address_network_parse(t->condition->values[i].text, &t->networks[t->n_networks]) == 0)
			t->n_networks++;
	return 0;
}

/* Decides what is asked of a text. 1 when something is, 0 when the condition needs no text. */
static int fill(struct textset *t)
{
	const struct expr *e = t->condition;
	bool exists = e->op == EXPR_EXISTS;

	if (field_def(e->field)->source == SOURCE_NET_TYPE) {
		t->test = TEXTSET_FAMILY;
		for (size_t i = 0; i < e->n_values; i++)
			t->families |= 1u << e->values[i].number;
		return !exists;
	}
	if (e->field->type == FIELD_ADDRESS) {
		t->test = exists ? TEXTSET_FAMILY : TEXTSET_ADDRESS;
		t->families = 1u << NETWORK_IPV4 | 1u << NETWORK_IPV6;
		return exists ? 1 : add_networks(t) < 0 ? -ENOMEM : 1;
	}
	if (exists) {
		t->test = TEXTSET_PRESENT;
		return t->part != PART_WHOLE;
	}
	t->test = TEXTSET_MATCH;
	return match_new(e, &t->match) < 0 ? -ENOMEM : 1;
}

static int add(struct plan *p, const struct expr *e, int slot, unsigned kinds, enum field_part part)
{
	struct textset t = { .condition = e, .kinds = kinds, .part = part };
	struct textset *texts;
	int r = fill(&t);

	if (r <= 0) {
		textset_free(&t);
		return r;
	}
	texts = p->n_texts & (p->n_texts - 1) ? p->texts :
	        reallocarray(p->texts, p->n_texts ? p->n_texts * 2 : 1, sizeof(*texts));
	if (texts)
		p->texts = texts;
	if (!texts || map_put(&p->text_of, (uintptr_t)e * 2 + (unsigned)slot, p->n_texts) < 0) {
		textset_free(&t);
		return -ENOMEM;
	}
	p->texts[p->n_texts++] = t;
	return 0;
}

int plan_text_collect(struct plan *p, const struct expr *e)
{
	const struct field_def *d = e->field ? field_def(e->field) : NULL;
	unsigned kinds = d ? kinds_of(d->source) : 0;
	int r = 0;

	for (size_t i = 0; i < e->n_kids && r == 0; i++)
		r = plan_text_collect(p, e->kids[i]);
	if (kinds && d->source == SOURCE_PROCESS_NAME) {
		r = add(p, e, 0, KIND_PATH, PART_NAME);
		if (r == 0 && e->op != EXPR_EXISTS)
			r = add(p, e, 1, KIND_OTHER, PART_WHOLE);
	} else if (kinds) {
		r = add(p, e, 0, kinds, d->part);
	}
	return r;
}

struct idset *plan_text_set(const struct plan *p, const struct expr *e, int slot)
{
	uint64_t *at = map_get(&p->text_of, (uintptr_t)e * 2 + (unsigned)slot);

	return at ? &p->texts[*at].set : NULL;
}
