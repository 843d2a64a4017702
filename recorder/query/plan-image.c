/* Conditions on who did it: evaluated once over table image, into a set of images. */
#include <errno.h>
#include <stdlib.h>

#include "agent/base/cleanup.h"
#include "recorder/query/functions.h"
#include "recorder/query/plan-def.h"
#include "recorder/query/statement.h"

static const struct image_source {
	const char *value, *parent; /* SQL for the image itself, and for its parent's image */
	unsigned joins, parent_joins;
	bool raw; /* a text that is not in table text: asked with spoor_match */
} sources[] = {
	[SOURCE_IMAGE_ID] = { .value = "i.id" },
	[SOURCE_EXECUTABLE] = { .value = "i.executable", .parent = "pi.executable", .parent_joins = JOIN_PARENT },
	[SOURCE_PROCESS_NAME] = { .value = "i.executable", .parent = "pi.executable", .parent_joins = JOIN_PARENT },
	[SOURCE_COMMAND_LINE] = { .value = "i.command_line", .parent = "pi.command_line", .parent_joins = JOIN_PARENT },
	[SOURCE_CWD] = { .value = "i.cwd", .parent = "pi.cwd", .parent_joins = JOIN_PARENT },
	[SOURCE_MD5] = { "lower(nullif(hex(h.md5), ''))", "lower(nullif(hex(ph.md5), ''))", JOIN_HASH,
	                 JOIN_PARENT_HASH, true },
	[SOURCE_SHA256] = { "lower(nullif(hex(h.sha256), ''))", "lower(nullif(hex(ph.sha256), ''))", JOIN_HASH,
	                    JOIN_PARENT_HASH, true },
	[SOURCE_PROCESS_ID] = { .value = "i.process" },
	[SOURCE_PID] = { .value = "p.pid", .joins = JOIN_PROCESS },
	[SOURCE_NS_PID] = { .value = "nullif(p.ns_pid, 0)", .joins = JOIN_PROCESS },
	[SOURCE_START] = { .value = "p.start_ms", .joins = JOIN_PROCESS },
	[SOURCE_END] = { .value = "p.end_ms", .joins = JOIN_PROCESS },
	[SOURCE_EXIT_CODE] = { .value = "p.exit_code", .joins = JOIN_PROCESS },
	[SOURCE_SIGNAL] = { .value = "nullif(p.signal, 0)", .joins = JOIN_PROCESS },
	[SOURCE_INTERACTIVE] = { .value = "(CASE WHEN k.id IS NOT NULL THEN k.tty IS NOT NULL END)", .joins = JOIN_CREDENTIAL },
	[SOURCE_PARENT_ID] = { .parent = "pi.process", .parent_joins = JOIN_PARENT },
	[SOURCE_PARENT_PID] = { .parent = "coalesce(pp.pid, p.parent_pid)", .parent_joins = JOIN_PARENT_PROCESS },
	[SOURCE_UID] = { .value = "nullif(k.uid, -1)", .joins = JOIN_CREDENTIAL },
	[SOURCE_EUID] = { .value = "nullif(k.euid, -1)", .joins = JOIN_CREDENTIAL },
	[SOURCE_GID] = { .value = "nullif(k.gid, -1)", .joins = JOIN_CREDENTIAL },
	[SOURCE_EGID] = { .value = "nullif(k.egid, -1)", .joins = JOIN_CREDENTIAL },
	[SOURCE_AUID] = { .value = "nullif(k.auid, -1)", .joins = JOIN_CREDENTIAL },
	[SOURCE_SESSION] = { .value = "nullif(k.session, -1)", .joins = JOIN_CREDENTIAL },
	[SOURCE_USER_NAME] = { .value = "k.user", .joins = JOIN_CREDENTIAL },
	[SOURCE_AUDIT_USER_NAME] = { .value = "k.auser", .joins = JOIN_CREDENTIAL },
	[SOURCE_TTY] = { .value = "k.tty", .joins = JOIN_CREDENTIAL },
	[SOURCE_CGROUP] = { .value = "k.cgroup", .joins = JOIN_CREDENTIAL },
	[SOURCE_HOST] = { .value = "b.host", .joins = JOIN_BOOT },
	[SOURCE_BOOT_ID] = { .value = "b.boot_id", .joins = JOIN_BOOT, .raw = true },
};

static const struct {
	unsigned bit, needs;
	const char *sql;
} joins[] = { /* what others need comes first */
	{ JOIN_PROCESS, 0, " LEFT JOIN process p ON p.id = i.process" },
	{ JOIN_CREDENTIAL, 0, " LEFT JOIN credential k ON k.id = i.credential" },
	{ JOIN_BOOT, JOIN_PROCESS, " LEFT JOIN boot b ON b.id = p.boot" },
	{ JOIN_HASH, 0, " LEFT JOIN file_hash h ON h.id = i.hash" },
	{ JOIN_PARENT, JOIN_PROCESS, " LEFT JOIN image pi ON pi.id = p.parent_image" },
	{ JOIN_PARENT_PROCESS, JOIN_PROCESS | JOIN_PARENT, " LEFT JOIN process pp ON pp.id = pi.process" },
	{ JOIN_PARENT_HASH, JOIN_PROCESS | JOIN_PARENT, " LEFT JOIN file_hash ph ON ph.id = pi.hash" },
};

bool plan_is_image_level(const struct expr *e)
{
	if (e->field)
		return e->field->level == FIELD_OF_IMAGE || e->field->level == FIELD_OF_PARENT;
	for (size_t i = 0; i < e->n_kids; i++)
		if (!plan_is_image_level(e->kids[i]))
			return false;
	return e->n_kids > 0;
}

bool plan_absent_answer(const struct expr *e)
{
	bool all = true, any = false;

	if (e->field)
		return e->op == EXPR_NE;
	for (size_t i = 0; i < e->n_kids; i++) {
		bool one = plan_absent_answer(e->kids[i]);

		all = all && one;
		any = any || one;
	}
	return e->op == EXPR_NOT ? !any : e->op == EXPR_OR ? any : all;
}

/* ---- texts ---- */

static void destroy_match(void *m)
{
	match_free(m);
}

static int raw_condition(struct plan *p, const struct expr *e, const char *value, struct plan_sql *q)
{
	struct match *m;
	int r;

	if (e->op == EXPR_EXISTS) {
		buf_printf(&q->text, "(%s IS NOT NULL)", value);
		return 0;
	}
	r = match_new(e, &m);
	if (r == 0)
		r = plan_own(p, m, destroy_match);
	if (r < 0)
		return r;
	buf_printf(&q->text, "%sspoor_match(%s, ", e->op == EXPR_NE ? "NOT " : "", value);
	r = plan_sql_pointer(q, FUNCTIONS_MATCH, m);
	buf_add_char(&q->text, ')');
	return r;
}

static int text_condition(struct plan *p, const struct expr *e, const char *value, struct plan_sql *q)
{
	struct idset *set = plan_text_set(p, e, 0), *second = plan_text_set(p, e, 1);
	bool named = field_def(e->field)->source == SOURCE_PROCESS_NAME;
	const char *comm = e->field->level == FIELD_OF_PARENT ? "pi.comm" : "i.comm";
	int r = 0;

	buf_add_z(&q->text, e->op == EXPR_NE ? "NOT (" : "(");
	if (set)
		r = plan_sql_in(q, value, set);
	else
		buf_printf(&q->text, "%s IS NOT NULL", value);
	if (r == 0 && named) {
		buf_add_z(&q->text, " OR ");
		if (second)
			r = plan_sql_in(q, comm, second);
		else
			buf_printf(&q->text, "%s IS NOT NULL", comm);
	}
	buf_add_char(&q->text, ')');
	return r;
}

int plan_image_condition(struct plan *p, const struct expr *e, struct plan_sql *q)
{
	const struct image_source *s = &sources[field_def(e->field)->source];
	bool parent = e->field->level == FIELD_OF_PARENT;
	const char *value = parent ? s->parent : s->value;

	p->joins |= parent ? s->parent_joins : s->joins;
	if (s->raw)
		return raw_condition(p, e, value, q);
	if (e->field->type == FIELD_TEXT)
		return text_condition(p, e, value, q);
	return plan_value_condition(p, e, value, q);
}

/* ---- and, or, not ---- */

static int tree(struct plan *p, const struct expr *e, struct plan_sql *q);

/* Halves long chains, so that SQLite's tree stays shallow. */
static int chain(struct plan *p, const struct expr *e, size_t from, size_t to, struct plan_sql *q)
{
	size_t middle = from + (to - from) / 2;
	int r;

	if (to - from == 1)
		return tree(p, e->kids[from], q);
	buf_add_char(&q->text, '(');
	r = chain(p, e, from, middle, q);
	buf_add_z(&q->text, e->op == EXPR_AND ? " AND " : " OR ");
	if (r == 0)
		r = chain(p, e, middle, to, q);
	buf_add_char(&q->text, ')');
	return r;
}

static int tree(struct plan *p, const struct expr *e, struct plan_sql *q)
{
	int r;

	if (e->field)
		return plan_image_condition(p, e, q);
	if (e->op != EXPR_NOT)
		return chain(p, e, 0, e->n_kids, q);
	buf_add_z(&q->text, "NOT (");
	r = tree(p, e->kids[0], q);
	buf_add_char(&q->text, ')');
	return r;
}

/* Appends "FROM image i" with what is joined. */
static void add_joins(unsigned needed, struct buf *sql)
{
	for (size_t i = 0; i < ARRAY_LEN(joins); i++)
		needed |= needed & joins[i].bit ? joins[i].needs : 0;
	buf_add_z(sql, " FROM image i");
	for (size_t i = 0; i < ARRAY_LEN(joins); i++)
		buf_add_z(sql, needed & joins[i].bit ? joins[i].sql : "");
}

static int select_sql(struct plan *p, const struct plan_sql *condition, bool rest, struct buf *sql)
{
	buf_add_z(sql, "SELECT i.id");
	add_joins(p->joins, sql);
	buf_printf(sql, " WHERE %s(%s)", rest ? "NOT " : "", condition->text.p);
	return sql->failed || condition->text.failed ? -ENOMEM : 0;
}

static int select_images(struct plan *p, const struct plan_sql *condition, struct idset *set)
{
	AUTO_BUF sql = BUF_INIT;
	AUTO_STATEMENT *s = NULL;
	int r = select_sql(p, condition, set->rest, &sql);

	if (r == 0)
		r = statement_prepare(p->db, sql.p, &s);
	if (r == 0)
		r = plan_sql_bind(condition, s);
	while (r == 0 && (r = statement_step(s)) == 1) {
		idset_mark(set, sqlite3_column_int64(s, 0));
		r = 0;
	}
	return r;
}

void plan_destroy_set(void *set)
{
	idset_free(set);
	free(set);
}

int plan_image_set(struct plan *p, const struct expr *e, struct idset **ret)
{
	struct plan_sql condition = { .text = BUF_INIT };
	struct idset *set = calloc(1, sizeof(*set));
	int64_t first = 0, last = 0;
	int r = set ? plan_own(p, set, plan_destroy_set) : -ENOMEM;

	if (r == 0)
		r = statement_number(p->db, "SELECT min(id) FROM image", 1, &first);
	if (r == 0)
		r = statement_number(p->db, "SELECT max(id) FROM image", 0, &last);
	if (r == 0)
		r = idset_init(set, first, last, plan_absent_answer(e));
	r = r == -ERANGE ? -EBADMSG : r;
	p->joins = 0;
	if (r == 0)
		r = tree(p, e, &condition);
	if (r == 0)
		r = select_images(p, &condition, set);
	plan_sql_free(&condition);
	if (r == 0)
		*ret = set;
	return r;
}

/* ---- the values themselves ---- */

struct plan_value plan_image_value_of(const struct field *f)
{
	const struct image_source *s = &sources[field_def(f)->source];

	return (struct plan_value){ s->raw ? PLAN_RAW_TEXT : f->type == FIELD_TEXT ? PLAN_TEXT_ID : PLAN_NUMBER,
		field_def(f)->source == SOURCE_PROCESS_NAME, false };
}

void plan_value_images(const struct field *f, struct buf *out)
{
	const struct image_source *s = &sources[field_def(f)->source];
	bool parent = f->level == FIELD_OF_PARENT;
	const char *comm = field_def(f)->source != SOURCE_PROCESS_NAME ? "NULL" : parent ? "pi.comm" : "i.comm";

	buf_printf(out, "SELECT i.id, %s, %s", parent ? s->parent : s->value, comm);
	add_joins(parent ? s->parent_joins : s->joins, out);
}
