#include "recorder/query/eval.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "recorder/query/address.h"
#include "recorder/query/field-def.h"
#include "recorder/query/match.h"
#include "recorder/query/textset.h"

struct eval {
	const struct expr *expr;
	struct match *match;                /* conditions on text but `exists` */
	struct address_network *networks;   /* conditions on addresses */
	size_t n_networks;
	struct eval **kids;
};

/* ---- values ---- */

struct value {
	struct span text; /* absent for numbers */
	int64_t number;
};
struct values {
	struct value v[2];
	size_t n;
};

static void text(struct values *to, struct span s)
{
	if (s.p)
		to->v[to->n++] = (struct value){ s, 0 };
}

static void number(struct values *to, int64_t n, bool present)
{
	if (present)
		to->v[to->n++] = (struct value){ SPAN_NONE, n };
}

static int64_t outcome(const struct event *e)
{
	switch (e->action) {
	case ACTION_PROCESS_EXEC_FAILED: case ACTION_NETWORK_CONNECT_FAILED:
		return OUTCOME_FAILURE;
	case ACTION_NETWORK_CONNECT_ATTEMPT:
		return OUTCOME_UNKNOWN;
	case ACTION_PROCESS_EXIT: case ACTION_NETWORK_DISCONNECT:
		return OUTCOME_SUCCESS;
	default:
		return e->result != 0 ? OUTCOME_FAILURE : OUTCOME_SUCCESS;
	}
}

static void network_values(const struct event *e, enum field_source source, struct values *to)
{
	bool ended = e->action == ACTION_NETWORK_DISCONNECT;
	bool accepted = e->action == ACTION_NETWORK_ACCEPT || (ended && (e->flags & EVENT_FLAG_ACCEPTED));

	if (event_action_category((int)e->action) != EVENT_NETWORK)
		return;
	switch (source) {
	case SOURCE_NET_DIRECTION:
		number(to, accepted ? DIRECTION_INGRESS : DIRECTION_EGRESS, accepted || (ended && e->image) ||
		       (e->action >= ACTION_NETWORK_CONNECT_ATTEMPT && e->action <= ACTION_NETWORK_CONNECT_FAILED));
		return;
	case SOURCE_NET_TRANSPORT:
		number(to, e->flags & EVENT_FLAG_TCP ? TRANSPORT_TCP : TRANSPORT_UDP,
		       (e->flags & (EVENT_FLAG_TCP | EVENT_FLAG_UDP)) != 0);
		return;
	case SOURCE_DURATION:
		number(to, e->result * INT64_C(1000000), ended && e->result >= 0);
		return;
	case SOURCE_NET_SOURCE: text(to, accepted ? e->object : e->object2); return;
	case SOURCE_NET_DESTINATION: text(to, accepted ? e->object2 : e->object); return;
	case SOURCE_NET_SOURCE_PORT: number(to, accepted ? e->port : e->port2, (accepted ? e->port : e->port2) != 0); return;
	case SOURCE_NET_DESTINATION_PORT:
		number(to, accepted ? e->port2 : e->port, (accepted ? e->port2 : e->port) != 0);
		return;
	default: /* SOURCE_NET_TYPE */
		text(to, e->object);
		text(to, e->object2);
	}
}

static void event_values(const struct event *e, const struct field_def *d, struct values *to)
{
	enum event_category category = event_action_category((int)e->action);

	switch (d->source) {
	case SOURCE_EVENT_TIME: number(to, e->time_ms, true); break;
	case SOURCE_EVENT_CATEGORY: number(to, category, true); break;
	case SOURCE_EVENT_ACTION: number(to, e->action, true); break;
	case SOURCE_EVENT_OUTCOME: number(to, outcome(e), true); break;
	case SOURCE_EVENT_SERIAL: number(to, (int64_t)e->serial, e->serial != 0); break;
	case SOURCE_EVENT_PARTIAL: number(to, (e->flags & EVENT_FLAG_PARTIAL) != 0, true); break;
	case SOURCE_EVENT_PROVIDER:
		number(to, e->action == ACTION_SECURITY_AUTHENTICATION ? PROVIDER_BTMP : PROVIDER_WTMP,
		       (e->flags & EVENT_FLAG_READ) != 0);
		break;
	case SOURCE_ERROR_CODE: number(to, e->result, e->result != 0 && e->action != ACTION_PROCESS_EXIT &&
	                               e->action != ACTION_NETWORK_DISCONNECT); break;
	case SOURCE_FILE:
		if (category == EVENT_FILE || e->action == ACTION_PROCESS_EXEC_FAILED) {
			text(to, e->object);
			text(to, e->object2);
		}
		break;
	case SOURCE_FILE_TARGET:
		if (category == EVENT_FILE)
			text(to, e->object2);
		break;
	case SOURCE_DRIVER:
		if (category == EVENT_DRIVER)
			text(to, e->object);
		break;
	case SOURCE_REGISTRY:
		if (category == EVENT_REGISTRY)
			text(to, e->object);
		break;
	default:
		network_values(e, d->source, to);
	}
}

static void detail_values(const struct event *e, int field, struct values *to)
{
	for (size_t i = e->n_details; i-- > 0 && to->n == 0;) /* of several the store keeps the last */
		if ((int)e->details[i].field == field)
			text(to, e->details[i].value);
}

/* As the store keeps it: not where it says no more than the executable (rows.c). */
static struct span kept_comm(const struct image_start *im)
{
	enum { COMM_MAX = 15 };
	struct span name = textset_part(im->executable, PART_NAME);

	if (name.n > COMM_MAX)
		name.n = COMM_MAX;
	return name.p && im->comm.p && span_eq(name, im->comm) ? SPAN_NONE : im->comm;
}

static void who_values(const struct credentials *w, enum field_source source, struct values *to)
{
	switch (source) {
	case SOURCE_INTERACTIVE: number(to, w->tty.p != NULL, true); break;
	case SOURCE_UID: number(to, w->uid, w->uid != -1); break;
	case SOURCE_EUID: number(to, w->euid, w->euid != -1); break;
	case SOURCE_GID: number(to, w->gid, w->gid != -1); break;
	case SOURCE_EGID: number(to, w->egid, w->egid != -1); break;
	case SOURCE_AUID: number(to, w->auid, w->auid != -1); break;
	case SOURCE_SESSION: number(to, w->session, w->session != -1); break;
	case SOURCE_USER_NAME: text(to, w->user); break;
	case SOURCE_AUDIT_USER_NAME: text(to, w->audit_user); break;
	case SOURCE_TTY: text(to, w->tty); break;
	case SOURCE_CGROUP: text(to, w->cgroup); break;
	default: break;
	}
}

static void image_values(const struct image_start *im, const struct process_start *p, const struct eval_subject *s,
                         enum field_source source, struct values *to)
{
	switch (source) {
	case SOURCE_EXECUTABLE: text(to, im->executable); break;
	case SOURCE_PROCESS_NAME:
		text(to, textset_part(im->executable, PART_NAME));
		text(to, kept_comm(im));
		break;
	case SOURCE_COMMAND_LINE: text(to, im->command_line); break;
	case SOURCE_CWD: text(to, im->cwd); break;
	case SOURCE_PID: number(to, p ? p->pid : 0, p != NULL); break;
	case SOURCE_NS_PID: number(to, p ? p->ns_pid : 0, p && p->ns_pid != 0); break;
	case SOURCE_START: number(to, p ? p->start_ms : 0, p != NULL); break;
	case SOURCE_HOST: text(to, s->boot ? s->boot->host : SPAN_NONE); break;
	case SOURCE_BOOT_ID: text(to, s->boot ? s->boot->boot_id : SPAN_NONE); break;
	default: who_values(&im->who, source, to);
	}
}

static void values_of(const struct eval_subject *s, const struct field *f, struct values *to)
{
	const struct field_def *d = field_def(f);

	*to = (struct values){ .n = 0 };
	switch (f->level) {
	case FIELD_OF_EVENT: event_values(s->event, d, to); break;
	case FIELD_OF_DETAIL: detail_values(s->event, d->detail, to); break;
	case FIELD_OF_IMAGE:
		if (s->image)
			image_values(s->image, s->process, s, d->source, to);
		break;
	case FIELD_OF_PARENT:
		if (d->source == SOURCE_PARENT_PID && s->parent)
			number(to, s->parent->pid, true);
		else if (d->source == SOURCE_PARENT_PID && s->process)
			number(to, s->process->parent_pid, s->process->parent_pid != 0);
		else if (s->parent_image)
			image_values(s->parent_image, s->parent, s, d->source, to);
		break;
	}
}

/* ---- conditions ---- */

static bool number_fulfils(const struct expr *e, int64_t n)
{
	int64_t v = e->n_values ? e->values[0].number : 0;

	switch (e->op) {
	case EXPR_LT: return n < v;
	case EXPR_LE: return n <= v;
	case EXPR_GT: return n > v;
	case EXPR_GE: return n >= v;
	default:
		for (size_t i = 0; i < e->n_values; i++)
			if (e->values[i].number == n)
				return true;
		return false;
	}
}

static int family_of(struct span s, struct address *ret)
{
	return address_parse(s, ret) < 0 ? NETWORK_UNIX : ret->v6 ? NETWORK_IPV6 : NETWORK_IPV4;
}

static bool address_fulfils(const struct eval *v, struct span s)
{
	struct address a;

	if (address_parse(s, &a) < 0)
		return false;
	for (size_t i = 0; i < v->n_networks; i++)
		if (address_in_network(&a, &v->networks[i]))
			return true;
	return v->expr->op == EXPR_EXISTS;
}

static int fulfils(const struct eval *v, const struct value *value)
{
	const struct expr *e = v->expr;
	const struct field_def *d = field_def(e->field);
	struct address address;
	struct span part;

	if (d->source == SOURCE_NET_TYPE)
		return e->op == EXPR_EXISTS || number_fulfils(e, family_of(value->text, &address));
	if (e->field->type == FIELD_ADDRESS)
		return address_fulfils(v, value->text);
	if (e->field->type != FIELD_TEXT)
		return e->op == EXPR_EXISTS || number_fulfils(e, value->number);
	part = d->source == SOURCE_PROCESS_NAME ? value->text : textset_part(value->text, d->part);
	if (!part.p)
		return 0;
	return v->match ? match_text(v->match, part) : 1;
}

static int condition(const struct eval *v, const struct eval_subject *s)
{
	struct values values;
	int r = 0;

	values_of(s, v->expr->field, &values);
	for (size_t i = 0; i < values.n && r == 0; i++)
		r = fulfils(v, &values.v[i]);
	return r < 0 || v->expr->op != EXPR_NE ? r : !r;
}

int eval_event(const struct eval *v, const struct eval_subject *s)
{
	const struct expr *e = v->expr;
	int r;

	if (e->field)
		return condition(v, s);
	if (e->op == EXPR_ALL)
		return 1;
	for (size_t i = 0; i < e->n_kids; i++) {
		r = eval_event(v->kids[i], s);
		if (r < 0 || e->op == EXPR_NOT)
			return r < 0 ? r : !r;
		if (r == (e->op == EXPR_OR))
			return r;
	}
	return e->op != EXPR_OR;
}

/* ---- making one ---- */

static bool is_known_before_storing(const struct field *f)
{
	switch (field_def(f)->source) {
	case SOURCE_EVENT_TIME: case SOURCE_EVENT_CATEGORY: case SOURCE_EVENT_ACTION: case SOURCE_EVENT_OUTCOME:
	case SOURCE_EVENT_SERIAL: case SOURCE_EVENT_PARTIAL: case SOURCE_EVENT_PROVIDER: case SOURCE_ERROR_CODE:
	case SOURCE_FILE:
	case SOURCE_FILE_TARGET: case SOURCE_DRIVER: case SOURCE_REGISTRY: case SOURCE_NET_SOURCE:
	case SOURCE_NET_DESTINATION: case SOURCE_NET_SOURCE_PORT: case SOURCE_NET_DESTINATION_PORT:
	case SOURCE_NET_DIRECTION: case SOURCE_NET_TYPE: case SOURCE_NET_TRANSPORT: case SOURCE_DURATION:
	case SOURCE_DETAIL: case SOURCE_EXECUTABLE:
	case SOURCE_PROCESS_NAME: case SOURCE_COMMAND_LINE: case SOURCE_CWD: case SOURCE_PID: case SOURCE_NS_PID:
	case SOURCE_START:
	case SOURCE_INTERACTIVE: case SOURCE_PARENT_PID: case SOURCE_UID: case SOURCE_EUID: case SOURCE_GID:
	case SOURCE_EGID: case SOURCE_AUID: case SOURCE_SESSION: case SOURCE_USER_NAME: case SOURCE_AUDIT_USER_NAME:
	case SOURCE_TTY: case SOURCE_CGROUP: case SOURCE_HOST: case SOURCE_BOOT_ID:
		return true;
	default:
		return false;
	}
}

static int refuse(const struct expr *e, const char *why, struct expr_error *ret_error)
{
	*ret_error = (struct expr_error){ .column = e->from, .length = e->to > e->from ? e->to - e->from : 1 };
	snprintf(ret_error->message, sizeof(ret_error->message), "%s %s", e->field->name, why);
	return -EINVAL;
}

static int check(const struct expr *e, struct expr_error *ret_error)
{
	if (!is_known_before_storing(e->field))
		return refuse(e, "is not known yet when an event is stored: a filter cannot ask for it", ret_error);
	for (size_t i = 0; i < e->n_values; i++)
		if (e->values[i].relative)
			return refuse(e, "cannot be compared with a time relative to now in a filter", ret_error);
	return 0;
}

static int fill_condition(struct eval *v)
{
	const struct expr *e = v->expr;

	if (field_def(e->field)->source == SOURCE_NET_TYPE || e->op == EXPR_EXISTS)
		return 0;
	if (e->field->type == FIELD_TEXT)
		return match_new(e, &v->match);
	if (e->field->type != FIELD_ADDRESS)
		return 0;
	v->networks = calloc(e->n_values + 1, sizeof(*v->networks));
	for (size_t i = 0; v->networks && i < e->n_values; i++)
		if (address_network_parse(e->values[i].text, &v->networks[v->n_networks]) == 0)
			v->n_networks++;
	return v->networks ? 0 : -ENOMEM;
}

int eval_new(const struct expr *e, struct eval **ret, struct expr_error *ret_error)
{
	struct eval *v = calloc(1, sizeof(*v));
	int r = v ? 0 : -ENOMEM;

	if (r == 0) {
		v->expr = e;
		v->kids = calloc(e->n_kids + 1, sizeof(*v->kids));
		r = v->kids ? 0 : -ENOMEM;
	}
	if (r == 0 && e->field) {
		r = check(e, ret_error);
		if (r == 0)
			r = fill_condition(v);
	}
	for (size_t i = 0; i < e->n_kids && r == 0; i++)
		r = eval_new(e->kids[i], &v->kids[i], ret_error);
	if (r < 0) {
		eval_free(v);
		return r;
	}
	*ret = v;
	return 0;
}

void eval_free(struct eval *v)
{
	if (!v)
		return;
	for (size_t i = 0; v->kids && i < v->expr->n_kids; i++)
		eval_free(v->kids[i]);
	match_free(v->match);
	free(v->networks);
	free(v->kids);
	free(v);
}
