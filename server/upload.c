#include "server/upload.h"

#include <ctype.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/wire/bulk.h"
#include "server/capture.h"
#include "server/login.h"
#include "server/upload-check.h"

/* At once, of all and of one user; each must bring so many bytes a minute. */
enum { MOST = 16, MOST_OF_ONE = 4, SLOWEST_MS = 60000, SLOWEST_BYTES = 64 << 10, TEXT = 256 };

struct upload {
	struct upload *next, **at; /* of server->uploads */
	struct server *server;
	struct link *link;
	char address[CONN_ADDRESS_TEXT], by[DEPOT_NAME_MAX + 1];
	char name[256], host[256], key[PART_KEY + 1];
	unsigned slot;
	int64_t user, endpoint, computers, taken_ms; /* user 0: not known */
	bool has_wanted;
	unsigned char wanted[BULK_SHA256], sum[BULK_SHA256];
	gnutls_hash_hd_t sha;      /* NULL: told */
	struct part *part;
	struct upload_check *check;
	int64_t looked;            /* monotonic: when it was last seen to be fast enough, */
	uint64_t had;              /* with so many bytes */
	char text[TEXT];           /* why it is refused */
};

/* ---- its end ---- */

static void upload_free(struct upload *u)
{
	upload_check_free(u->check);
	if (u->sha)
		gnutls_hash_deinit(u->sha, u->sum);
	if (u->part) {
		part_close(u->part);
		part_remove(u->server->objects, u->key);
	}
	*u->at = u->next;
	if (u->next)
		u->next->at = u->at;
	free(u);
}

static void note(const struct upload *u, const char *outcome)
{
	AUTO_BUF about = BUF_INIT;

	buf_printf(&about, "%s%s%s", u->host, *u->host ? ": " : "", u->name);
	server_note(u->server, u->user, u->address, authorise_request_name(AUTHORISE_UPLOAD_SNAPSHOT),
		    about.n ? about.p : "", outcome);
}

static void on_answered(struct link *l, const struct link_end *end, void *data)
{
}

/* What comes after the answer: nothing but its end. */
static const struct link_handler answered = { .closed = on_answered };

/* Who has the answer finds nothing of it any more, or all. */
static void answer(struct upload *u, unsigned status, const char *type, struct span body, const char *more)
{
	AUTO_BUF out = BUF_INIT;
	struct link *l = u->link;

	http_put_response(&out, status, type, body, true, more);
	upload_free(u);
	link_set_handler(l, &answered, NULL);
	link_answer(l, buf_span(&out));
}

/* Who is not known fills no log but the server's own. */
static void refuse(struct upload *u, unsigned status, const char *text)
{
	AUTO_BUF line = BUF_INIT;
	const char *more = status == 401 ? "WWW-Authenticate: Bearer\r\n" : status == 405 ? "Allow: PUT\r\n" :
			   status == 503 ? "Retry-After: 60\r\n" : "";

	if (u->user)
		note(u, text);
	else
		log_info("%s: an upload is refused: %s", u->address, text);
	buf_printf(&line, "%s\n", text);
	answer(u, status, "text/plain; charset=utf-8", buf_span(&line), more);
}

/* ---- may it begin? Each answers 0, or the status to refuse it with, and the line in u->text. ---- */

static unsigned no(struct upload *u, unsigned status, const char *text)
{
	snprintf(u->text, sizeof(u->text), "%s", text);
	return status;
}

static unsigned failed(struct upload *u, int error)
{
	if (error == -EFBIG)
		return no(u, 413, "it is larger than [storage] lets a snapshot be");
	if (error == -ENOSPC)
		return no(u, 507, "there is no room for it");
	log_error("an upload: %s", strerror(-error));
	return no(u, 500, "the server failed: see its log");
}

static unsigned find_user(struct upload *u, const struct http_head *head, struct login_holder *ret)
{
	static const char scheme[] = "Bearer ";
	struct span given = http_value(head, "Authorization");
	size_t n = sizeof(scheme) - 1;
	char network[CONN_ADDRESS_TEXT];
	int r;

	if (!given.p || given.n <= n || strncasecmp(given.p, scheme, n) != 0)
		return no(u, 401, "the token of a login is wanted: Authorization: Bearer TOKEN");
	peer_network(u->link, network);
	r = login_find(u->server, network, (struct span){ given.p + n, given.n - n }, ret);
	if (r == -EBUSY)
		return no(u, 429, "too many failed logins: try again later");
	if (r == -EACCES)
		return no(u, 401, "the token is none, or has expired");
	if (r < 0)
		return failed(u, r);
	u->user = ret->user;
	snprintf(u->by, sizeof(u->by), "%s", ret->name);
	link_vouch(u->link);
	return 0;
}

static bool is_date(const char *p)
{
	static const char form[] = "_dddd_dd_dd";

	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)p[i]) : p[i] != form[i])
			return false;
	return true;
}

/* "2026_11_20T08.55.01.204Z" as clock_format_name writes it; what follows the day may be missing or something else. */
static int read_date(const char *p, int64_t *ret)
{
	char text[CLOCK_TEXT];

	snprintf(text, sizeof(text), "%.24s", p);
	text[4] = text[7] = '-';
	if (strlen(text) == 24) {
		text[13] = text[16] = ':';
		if (clock_parse(span_of(text), 0, ret) == 0)
			return 0;
	}
	return clock_parse((struct span){ text, 10 }, 0, ret);
}

/* Whose it is, and when it was taken, is said by the name: the last date in it ends the host. */
static unsigned read_name(struct upload *u, struct span name)
{
	size_t at;

	snprintf(u->name, sizeof(u->name), "%.*s", SPAN_FMT(name));
	if (!capture_is_name(name))
		return no(u, 422, "the name cannot be that of a snapshot: HOST_2026_11_20T08.55.01.204Z.db");
	at = strlen(u->name);
	while (at > 0 && !is_date(u->name + at))
		at--;
	if (at == 0 || read_date(u->name + at + 1, &u->taken_ms) < 0)
		return no(u, 422, "the name tells no host and day: HOST_2026_11_20T08.55.01.204Z.db");
	snprintf(u->host, sizeof(u->host), "%.*s", (int)at, u->name);
	return 0;
}

static unsigned read_head(struct upload *u, const struct http_head *head)
{
	struct span sha256 = http_value(head, "X-SHA256");

	if (head->chunked)
		return no(u, 411, "how long it is must be told first: Content-Length");
	if (head->length == 0)
		return no(u, 422, "it is empty");
	u->has_wanted = http_count(head, "X-SHA256") > 0;
	if (u->has_wanted && (sha256.n != 2 * sizeof(u->wanted) || span_unhex(sha256, (char *)u->wanted) < 0))
		return no(u, 422, "X-SHA256 is not 64 hexadecimal digits");
	return 0;
}

struct place_wanted {
	const struct authorise_who *who;
	int64_t endpoint, computers;
	unsigned n; /* of that name, that the user sees */
};

static int find_computers(const struct depot_endpoint *e, void *data)
{
	struct place_wanted *p = data;
	struct authorise_what what = { .group = e->computers };

	if (authorise(p->who, AUTHORISE_OPEN_SNAPSHOT, &what) < 0)
		return 0;
	if (p->n++ == 0)
		p->computers = e->computers;
	p->endpoint = p->n == 1 ? e->id : 0;
	return 0;
}

/* Beside those of the computer of that name, where there is one alone, and into its group, so that who sees that one sees it;
 * it need not be known here. What the user would not see is not taken: whether there is such a computer is not told. */
static unsigned find_place(struct upload *u, const struct authorise_who *who)
{
	struct place_wanted p = { .who = who };
	struct authorise_what what = { 0 };
	int r = authorise(who, AUTHORISE_UPLOAD_SNAPSHOT, NULL);

	if (r == -EACCES)
		return no(u, 403, "your role does not allow that");
	if (r == 0)
		r = depot_endpoint_each(u->server->depot, u->host, find_computers, &p);
	if (r < 0)
		return failed(u, r);
	what.group = p.computers;
	if (authorise(who, AUTHORISE_OPEN_SNAPSHOT, &what) < 0)
		return no(u, 403, "none of the computers that you see has that name");
	u->endpoint = p.endpoint;
	u->computers = p.computers;
	return 0;
}

static int is_same(const struct depot_object *o, void *data)
{
	return strcmp(o->name, data) == 0;
}

/* Beside the others that are under way. */
static unsigned find_slot(struct upload *u)
{
	bool taken[MOST] = { false };
	unsigned n = 0, own = 0;

	for (const struct upload *other = u->server->uploads; other; other = other->next) {
		if (other == u)
			continue;
		n++;
		own += other->user == u->user;
		taken[other->slot] = true;
		if (strcmp(other->name, u->name) == 0)
			return no(u, 409, "it is on its way already");
	}
	if (n >= MOST || own >= MOST_OF_ONE)
		return no(u, 503, "too many uploads are under way");
	while (taken[u->slot])
		u->slot++;
	return 0;
}

static unsigned open_part(struct upload *u, uint64_t size)
{
	struct part_place place = capture_place(u->server);
	int r = depot_object_each(u->server->depot, DEPOT_SNAPSHOT, u->host, is_same, u->name);

	if (r > 0)
		return no(u, 409, "one of that name is here already");
	snprintf(u->key, sizeof(u->key), "upload-%u", u->slot);
	part_remove(place.folder, u->key);
	if (r == 0 && gnutls_hash_init(&u->sha, GNUTLS_DIG_SHA256) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = part_open(&place, u->key, SPAN(""), size, &u->part);
	return r < 0 ? failed(u, r) : 0;
}

static unsigned judge(struct upload *u, const struct http_head *head)
{
	struct span name = { head->target.p + sizeof(UPLOAD_TARGET) - 1, head->target.n - (sizeof(UPLOAD_TARGET) - 1) };
	struct login_holder holder;
	unsigned status;

	if (u->server->stopping)
		return no(u, 503, "the server stops");
	if (head->method != HTTP_PUT)
		return no(u, 405, "a snapshot is brought with PUT");
	status = find_user(u, head, &holder);
	if (status)
		return status;
	status = read_name(u, name);
	if (!status)
		status = find_place(u, &holder.who.may);
	who_free(&holder.who);
	if (!status)
		status = read_head(u, head);
	if (!status)
		status = find_slot(u);
	return status ? status : open_part(u, head->length);
}

/* ---- it is here ---- */

/* Is the user still who may? */
static unsigned judge_again(struct upload *u)
{
	struct who w;
	unsigned status;
	int r = who_load(u->server->depot, u->by, u->user, &w);

	if (r < 0)
		return r == -ENOENT ? no(u, 403, "there is no such user any more") : failed(u, r);
	status = find_place(u, &w.may);
	who_free(&w);
	return status;
}

static int store(struct upload *u, char sha256[PART_NAME], int64_t *ret_id, uint64_t *ret_size)
{
	struct server *s = u->server;
	struct depot_object o = { .kind = DEPOT_SNAPSHOT, .sha256 = sha256, .name = u->name, .host = u->host,
				  .endpoint = u->endpoint, .computers = u->computers, .user = u->user, .created_ms = u->taken_ms,
				  .about = "{\"uploaded\":true}" };
	AUTO_BUF path = BUF_INIT;
	bool was_there;
	int r;

	o.size = (int64_t)(*ret_size = part_size(u->part));
	buf_printf(&path, "%s/", s->objects);
	for (size_t i = 0; i < sizeof(u->sum); i++)
		buf_printf(&path, "%02x", u->sum[i]);
	if (path.failed)
		return -ENOMEM;
	was_there = access(path.p, F_OK) == 0;
	r = part_finish(u->part, u->sum, sha256);
	if (r < 0)
		return r;
	part_close(u->part);
	u->part = NULL;
	r = depot_object_put(s->depot, &o, ret_id);
	if (r < 0 && !was_there)
		unlink(path.p);
	return r;
}

static void take(struct upload *u)
{
	char sha256[PART_NAME];
	AUTO_BUF body = BUF_INIT;
	unsigned status = judge_again(u);
	uint64_t size = 0;
	int64_t id = 0;
	int r = status ? 0 : store(u, sha256, &id, &size);

	if (r < 0)
		status = failed(u, r);
	if (status) {
		refuse(u, status, u->text);
		return;
	}
	note(u, "ok");
	capture_tell_done(u->server, id, u->computers, size);
	buf_printf(&body, "{\"capture\":\"%" PRId64 "\",\"host\":\"%s\",\"bytes\":%" PRIu64 ",\"sha256\":\"%s\"}\n", id, u->host,
		   size, sha256);
	answer(u, 201, "application/json", buf_span(&body), "");
}

static void on_checked(int error, const char *text, void *data)
{
	struct upload *u = data;
	AUTO_BUF line = BUF_INIT;

	if (error == 0) {
		take(u);
		return;
	}
	buf_add_z(&line, "it is no recording that can be read: ");
	text_visible(&line, text_cut(span_of(text), TEXT / 2));
	refuse(u, 422, line.failed ? "it is no recording that can be read" : line.p);
}

static void begin_check(struct upload *u)
{
	AUTO_BUF path = BUF_INIT;
	int r;

	gnutls_hash_deinit(u->sha, u->sum);
	u->sha = NULL;
	if (u->has_wanted && memcmp(u->sum, u->wanted, sizeof(u->sum)) != 0) {
		refuse(u, 422, "what came is not what was sent (SHA-256)");
		return;
	}
	buf_printf(&path, "%s/%s", u->server->objects, part_name(u->part));
	r = path.failed ? -ENOMEM : upload_check_new(u->server->fdm, path.p, on_checked, u, &u->check);
	if (r < 0)
		refuse(u, failed(u, r), u->text);
	else
		link_defer(u->link);
}

/* ---- its link ---- */

static void on_request(struct link *l, const struct http_event *e, struct buf *out, void *data)
{
	struct upload *u = data;
	int r;

	if (e->kind == HTTP_END) {
		begin_check(u);
	} else if (e->kind == HTTP_BODY) {
		r = gnutls_hash(u->sha, e->piece.p, e->piece.n) < 0 ? -EIO : part_write(u->part, e->piece);
		if (r < 0)
			refuse(u, failed(u, r), u->text);
	}
}

static void on_closed(struct link *l, const struct link_end *end, void *data)
{
	note(data, "it broke off");
	upload_free(data);
}

static const struct link_handler handler = { .request = on_request, .closed = on_closed };

void upload_begin(struct server *s, struct link *l, const struct http_head *head, struct buf *out)
{
	struct upload *u = calloc(1, sizeof(*u));
	unsigned status;

	if (!u) {
		link_abort(l, -ENOMEM);
		return;
	}
	u->server = s;
	u->link = l;
	u->looked = clock_monotonic();
	conn_address_text(link_address(l), u->address);
	u->next = s->uploads;
	u->at = &s->uploads;
	if (u->next)
		u->next->at = &u->next;
	s->uploads = u;
	status = judge(u, head);
	if (status) {
		refuse(u, status, u->text);
		return;
	}
	link_set_handler(l, &handler, u);
	if (head->expect_continue)
		http_put_continue(out);
}

/* ---- all of them ---- */

static void check(struct upload *u, int64_t now)
{
	if (u->check) {
		upload_check_tick(u->check, now);
		return;
	}
	if (now - u->looked < SLOWEST_MS)
		return;
	if (part_size(u->part) - u->had < SLOWEST_BYTES) {
		refuse(u, 408, "it comes too slowly");
		return;
	}
	u->looked = now;
	u->had = part_size(u->part);
}

void upload_check_all(struct server *s, int64_t now)
{
	for (struct upload *u = s->uploads, *next; u; u = next) {
		next = u->next;
		check(u, now);
	}
}

void upload_stop_all(struct server *s)
{
	while (s->uploads)
		refuse(s->uploads, 503, "the server stops");
}

void upload_sweep(struct server *s)
{
	for (unsigned i = 0; i < MOST; i++) {
		char key[PART_KEY + 1];

		snprintf(key, sizeof(key), "upload-%u", i);
		part_remove(s->objects, key);
	}
}
