#include <errno.h>

#include "recorder/query/functions.h"
#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"

enum { START_NOT_KNOWN = 16, MAX_ARGS = 1 << 19, MAX_IMAGES = 50000 }; /* arguments: of all images */

/* ---- arguments ---- */

/* One LEB128 number off the blob; false at its end or when it makes no sense. */
static bool take_length(struct span *lengths, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned shift = 0; lengths->n && shift < 35; shift += 7) {
		unsigned char b = (unsigned char)*lengths->p;

		lengths->p++;
		lengths->n--;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80)) {
			*ret = v;
			return true;
		}
	}
	return false;
}

static int add_arg(struct arena *a, struct reader_image *i, struct span arg)
{
	void *args = i->args;

	if (reader_db_grow(a, &args, i->n_args, sizeof(*i->args)) < 0)
		return -ENOMEM;
	i->args = args;
	i->args[i->n_args++] = arg;
	return 0;
}

/* `lengths`: column arg_lengths (schema.sql), absent when splitting at spaces gives the arguments. */
static int split_args(struct arena *a, struct reader_image *i, struct span lengths, size_t max)
{
	struct span rest = i->command_line, one;
	uint64_t n;
	int r = 0;

	while (!lengths.p && r == 0 && rest.p && i->n_args < max && span_next(&rest, ' ', &one))
		r = add_arg(a, i, one);
	while (lengths.p && r == 0 && i->n_args < max && take_length(&lengths, &n)) {
		one = SPAN_NONE;
		if (n) {
			if (n - 1 > rest.n)
				break;
			one = (struct span){ rest.p, (size_t)n - 1 };
			rest.p += one.n;
			rest.n -= one.n;
			if (rest.n) {
				rest.p++;
				rest.n--;
			}
		}
		r = add_arg(a, i, one);
	}
	return r;
}

/* ---- images ---- */

static int hex(struct arena *a, struct span bytes, struct span *ret)
{
	char *out;

	*ret = SPAN_NONE;
	if (!bytes.p || bytes.n > 64)
		return 0;
	out = arena_alloc(a, bytes.n * 2 + 1);
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < bytes.n; i++) {
		out[i * 2] = "0123456789abcdef"[(unsigned char)bytes.p[i] >> 4];
		out[i * 2 + 1] = "0123456789abcdef"[bytes.p[i] & 15];
	}
	*ret = (struct span){ out, bytes.n * 2 };
	return 0;
}

static const char image_sql[] =
	"SELECT i.id, coalesce(i.start_ms, p.start_ms), i.origin, i.executable, i.comm, i.command_line, i.cwd, k.user, "
	"k.auser, k.tty, "
	"i.arg_lengths, h.md5, h.sha256, coalesce(i.hash_reason, 0), coalesce(k.uid, -1), coalesce(k.gid, -1), "
	"coalesce(k.euid, -1), coalesce(k.egid, -1), coalesce(k.auid, -1), coalesce(k.session, -1), "
	"k.cgroup, i.script "
	"FROM image i LEFT JOIN process p ON p.id = ?1 LEFT JOIN credential k ON k.id = i.credential "
	"LEFT JOIN file_hash h ON h.id = i.hash "
	"WHERE i.id IN (" READER_DB_IMAGES_OF("?1") ") ORDER BY 2, i.id";

static int image_texts(struct dictionary *d, sqlite3_stmt *s, struct reader_image *i, size_t max_args)
{
	struct span *texts[] = { &i->executable, &i->comm, &i->command_line, &i->cwd, &i->user, &i->audit_user, &i->tty };
	int r = 0;

	for (int k = 0; k < 7 && r == 0; k++)
		r = dictionary_column(d, s, 3 + k, texts[k]);
	if (r == 0)
		r = dictionary_column(d, s, 20, &i->cgroup);
	if (r == 0)
		r = dictionary_column(d, s, 21, &i->script);
	if (r == 0)
		r = split_args(d->arena, i, functions_column(s, 10), max_args);
	if (r == 0)
		r = hex(d->arena, functions_column(s, 11), &i->md5);
	if (r == 0)
		r = hex(d->arena, functions_column(s, 12), &i->sha256);
	return r;
}

static int read_image(struct dictionary *d, sqlite3_stmt *s, struct reader_image *i, size_t max_args)
{
	i->id = sqlite3_column_int64(s, 0);
	i->start_ms = sqlite3_column_int64(s, 1);
	i->origin = sqlite3_column_int(s, 2);
	i->hash_reason = sqlite3_column_int(s, 13);
	i->uid = sqlite3_column_int64(s, 14);
	i->gid = sqlite3_column_int64(s, 15);
	i->euid = sqlite3_column_int64(s, 16);
	i->egid = sqlite3_column_int64(s, 17);
	i->auid = sqlite3_column_int64(s, 18);
	i->session = sqlite3_column_int64(s, 19);
	return image_texts(d, s, i, max_args);
}

static int read_images(struct reader_db *r, struct dictionary *d, struct reader_process *p)
{
	AUTO_STATEMENT *s = NULL;
	void *images = NULL;
	size_t args = 0;
	int error = statement_prepare(r->db, image_sql, &s);

	if (error < 0)
		return error;
	sqlite3_bind_int64(s, 1, p->id);
	while (p->n_images < MAX_IMAGES && (error = statement_step(s)) == 1) {
		error = reader_db_grow(d->arena, &images, p->n_images, sizeof(*p->images));
		p->images = images;
		if (error == 0) {
			p->images[p->n_images] = (struct reader_image){ 0 };
			error = read_image(d, s, &p->images[p->n_images], MAX_ARGS - args);
		}
		if (error < 0)
			return error;
		args += p->images[p->n_images].n_args;
		if (p->n_images)
			p->images[p->n_images - 1].end_ms = p->images[p->n_images].start_ms;
		p->n_images++;
	}
	if (p->n_images)
		p->images[p->n_images - 1].end_ms = p->end_ms;
	return error < 0 ? error : 0;
}

/* ---- the process ---- */

static const char process_sql[] =
	"SELECT p.pid, p.boot, p.start_ms, p.origin, coalesce(p.end_ms, 0), coalesce(p.exit_code, -1), "
	"coalesce(p.signal, 0), b.host, pi.process, p.parent_image, coalesce(pp.pid, p.parent_pid), pi.executable, "
	"pi.command_line, coalesce(p.ns_pid, 0) FROM process p LEFT JOIN boot b ON b.id = p.boot "
	"LEFT JOIN image pi ON pi.id = p.parent_image "
	"LEFT JOIN process pp ON pp.id = pi.process WHERE p.id = ?";

static int read_process(struct reader_db *r, struct dictionary *d, struct reader_process *p)
{
	AUTO_STATEMENT *s = NULL;
	int error = statement_prepare(r->db, process_sql, &s);

	if (error < 0)
		return error;
	sqlite3_bind_int64(s, 1, p->id);
	error = statement_step(s);
	if (error != 1)
		return error == 0 ? -ENOENT : error;
	p->pid = sqlite3_column_int64(s, 0);
	p->boot = sqlite3_column_int64(s, 1);
	p->start_ms = sqlite3_column_int64(s, 2);
	p->origin = sqlite3_column_int(s, 3) & ~START_NOT_KNOWN;
	p->start_known = !(sqlite3_column_int(s, 3) & START_NOT_KNOWN);
	p->end_ms = sqlite3_column_int64(s, 4);
	p->exit_code = sqlite3_column_int(s, 5);
	p->signal = sqlite3_column_int(s, 6);
	p->ns_pid = sqlite3_column_int64(s, 13);
	p->parent = sqlite3_column_int64(s, 8);
	p->parent_image = sqlite3_column_int64(s, 9);
	p->parent_pid = sqlite3_column_int64(s, 10);
	error = dictionary_column(d, s, 7, &p->host);
	if (error == 0)
		error = dictionary_column(d, s, 11, &p->parent_executable);
	if (error == 0)
		error = dictionary_column(d, s, 12, &p->parent_command_line);
	return error;
}

static int add_event(const struct reader_db_sum *sum, void *data)
{
	struct reader_process *p = data;

	p->by_category[reader_db_category(sum->action)] += sum->rows;
	return 0;
}

static int count_events(struct reader_db *r, struct reader_process *p)
{
	AUTO_PLAN *plan = NULL;
	struct idset *images;
	int error = reader_db_images(r, p->id, false, &images);

	if (error == 0)
		error = plan_new_images(r->db, images, &plan);
	return error < 0 ? error : reader_db_tally(r, plan, READER_ALL_TIME, 1, add_event, p);
}

static int count_children(struct reader_db *r, struct reader_process *p)
{
	AUTO_STATEMENT *s = NULL;
	int error = statement_prepare(r->db, "SELECT count(*) FROM process WHERE parent_image IN "
	                              "(" READER_DB_IMAGES_OF("?1") ")", &s);

	if (error < 0)
		return error;
	sqlite3_bind_int64(s, 1, p->id);
	error = statement_step(s);
	p->children = error == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
	return error < 0 ? error : 0;
}

int reader_db_process(struct reader *reader, struct cancel *cancel, int64_t process, struct reader_process *ret)
{
	struct reader_db *r = reader_db(reader);
	struct reader_process p = { .arena = ARENA_INIT, .id = process };
	struct dictionary d;
	int error;

	reader_db_begin(r, cancel);
	error = dictionary_open(&d, r->db, &p.arena);
	if (error == 0)
		error = read_process(r, &d, &p);
	if (error == 0)
		error = read_images(r, &d, &p);
	if (error == 0)
		error = count_events(r, &p);
	if (error == 0)
		error = count_children(r, &p);
	dictionary_close(&d);
	if (error < 0)
		reader_process_free(&p);
	else
		*ret = p;
	return reader_db_end(r, error);
}
