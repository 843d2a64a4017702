/* Processes as timelines and trees draw them. */
#include <errno.h>
#include <stdlib.h>

#include "recorder/query/reader-db.h"
#include "recorder/query/statement.h"

enum { START_NOT_KNOWN = 16 }; /* in process.origin */

int reader_db_nodes_open(struct reader_db_nodes *n, struct reader_db *r, struct arena *arena)
{
	int error;

	*n = (struct reader_db_nodes){ .r = r, .arena = arena };
	error = dictionary_open(&n->texts, r->db, arena);
	if (error == 0)
		error = statement_prepare(r->db, "SELECT p.pid, p.start_ms, p.origin, p.end_ms, p.exit_code, p.signal, i.process "
		                          "FROM process p LEFT JOIN image i ON i.id = p.parent_image WHERE p.id = ?",
		                          &n->process);
	if (error == 0)
		error = statement_prepare(r->db, "SELECT i.executable, i.comm, i.command_line, k.user FROM image i "
		                          "LEFT JOIN credential k ON k.id = i.credential "
		                          "WHERE i.id IN (" READER_DB_IMAGES_OF("?1") ") "
		                          "ORDER BY coalesce(i.start_ms, (SELECT start_ms FROM process WHERE id = ?1)) DESC, "
		                          "i.id DESC LIMIT 1", &n->image);
	if (error == 0)
		error = statement_prepare(r->db, "SELECT count(*) FROM process WHERE parent_image IN "
		                          "(" READER_DB_IMAGES_OF("?1") ")", &n->children);
	if (error < 0)
		reader_db_nodes_close(n);
	return error;
}

void reader_db_nodes_close(struct reader_db_nodes *n)
{
	sqlite3_finalize(n->process);
	sqlite3_finalize(n->image);
	sqlite3_finalize(n->children);
	dictionary_close(&n->texts);
}

static int get_process(struct reader_db_nodes *n, int64_t process, struct reader_node *node)
{
	sqlite3_stmt *s = n->process;
	int r;

	sqlite3_bind_int64(s, 1, process);
	r = statement_step(s);
	if (r == 1) {
		node->pid = sqlite3_column_int64(s, 0);
		node->start_ms = sqlite3_column_int64(s, 1);
		node->start_known = !(sqlite3_column_int(s, 2) & START_NOT_KNOWN);
		node->end_ms = sqlite3_column_int64(s, 3);
		node->exit_code = sqlite3_column_type(s, 4) == SQLITE_NULL ? -1 : sqlite3_column_int(s, 4);
		node->signal = sqlite3_column_int(s, 5);
		node->parent = sqlite3_column_int64(s, 6);
	}
	sqlite3_reset(s);
	return r == 0 ? -ENOENT : r < 0 ? r : 0;
}

static struct span last_name(struct span path)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

	return slash ? (struct span){ slash + 1, path.n - (size_t)(slash + 1 - path.p) } : path;
}

static int get_image(struct reader_db_nodes *n, int64_t process, struct reader_node *node)
{
	sqlite3_stmt *s = n->image;
	struct span comm = SPAN_NONE;
	int r;

	sqlite3_bind_int64(s, 1, process);
	r = statement_step(s);
	if (r == 1) {
		r = dictionary_column(&n->texts, s, 0, &node->executable);
		if (r == 0)
			r = dictionary_column(&n->texts, s, 1, &comm);
		if (r == 0)
			r = dictionary_column(&n->texts, s, 2, &node->command_line);
		if (r == 0)
			r = dictionary_column(&n->texts, s, 3, &node->user);
	}
	sqlite3_reset(s);
	node->name = node->executable.p ? last_name(node->executable) : comm;
	return r;
}

int reader_db_nodes_get(struct reader_db_nodes *n, int64_t process, struct reader_node *ret)
{
	struct reader_node node = { .process = process };
	int64_t children = 0;
	int r = get_process(n, process, &node);

	if (r == 0)
		r = get_image(n, process, &node);
	if (r < 0)
		return r;
	sqlite3_bind_int64(n->children, 1, process);
	r = statement_step(n->children);
	if (r == 1)
		children = sqlite3_column_int64(n->children, 0);
	sqlite3_reset(n->children);
	if (r < 0)
		return r;
	node.children = children > UINT32_MAX ? UINT32_MAX : (uint32_t)children;
	*ret = node;
	return 0;
}

/* ---- images ---- */


static int fill_images(struct reader_db *r, const char *sql, int64_t process, struct idset *set)
{
	AUTO_STATEMENT *s = NULL;
	int error = statement_prepare(r->db, sql, &s);

	if (error < 0)
		return error;
	sqlite3_bind_int64(s, 1, process);
	while ((error = statement_step(s)) == 1)
		idset_mark(set, sqlite3_column_int64(s, 0));
	return error;
}

int reader_db_images(struct reader_db *r, int64_t process, bool children, struct idset **ret)
{
	static const char own[] = READER_DB_IMAGES_OF("?1");
	static const char of_children[] = "SELECT i.id FROM process p "
	                                  "JOIN image i ON i.of = p.id OR (i.id = p.id AND i.of IS NULL) "
	                                  "WHERE p.parent_image IN (" READER_DB_IMAGES_OF("?1") ")";
	struct idset *set = calloc(1, sizeof(*set));
	int64_t first = 0, last = 0;
	int error = set ? statement_number(r->db, "SELECT min(id) FROM image", 1, &first) : -ENOMEM;

	if (error == 0)
		error = statement_number(r->db, "SELECT max(id) FROM image", 0, &last);
	if (error == 0)
		error = idset_init(set, first, last, false) < 0 ? -EBADMSG : 0;
	if (error == 0)
		error = fill_images(r, children ? of_children : own, process, set);
	if (error == 0) {
		*ret = set;
		return 0;
	}
	if (set)
		idset_free(set);
	free(set);
	return error;
}

int reader_db_nodes_by_start(const void *a, const void *b)
{
	const struct reader_node *x = a, *y = b;

	if (x->start_ms != y->start_ms)
		return x->start_ms < y->start_ms ? -1 : 1;
	return x->process < y->process ? -1 : x->process > y->process;
}
