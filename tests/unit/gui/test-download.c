/* Download: a snapshot from a server on loopback into a file, also in several goes. */
#include "tests/unit/test.h"

#include <glib/gstdio.h>

#include "gui/download.h"
#include "gui/network.h"
#include "gui/servers.h"
#include "tests/unit/gui/fake-reader.h"
#include "tests/unit/gui/fake-server.h"

struct place {
	struct tls_identity *identity;
	struct fake_server *server;
	ServerLink *link;
	struct capture *capture;
	Download *download;
	char *folder, *path, *parts;
};

static struct reader *open_reader(void *data)
{
	return fake_reader_new(1000, NULL);
}

static void turn(void)
{
	g_main_context_iteration(NULL, TRUE);
}

static struct capture *find(const char *id)
{
	const GPtrArray *all = captures_all(captures_get());

	for (guint i = 0; i < all->len; i++)
		if (strcmp(((struct capture *)all->pdata[i])->id, id) == 0)
			return all->pdata[i];
	return NULL;
}

static void place_init(struct place *p, const char *id)
{
	struct fake_server_config config = { .fdm = network_fdm(), .open = open_reader };
	char key[SERVER_KEY_TEXT];

	*p = (struct place){ .identity = fake_server_identity(0) };
	config.identity = p->identity;
	p->server = fake_server_new(&config);
	fake_server_hold(p->server);
	for (guint i = 0; i < TLS_KEY; i++)
		g_snprintf(key + 2 * i, 3, "%02x", tls_identity_key(p->identity)[i]);
	captures_get();
	p->link = g_object_ref(servers_get("127.0.0.1", fake_server_port(p->server), "alice", key));
	server_link_login(p->link, "alice", "secret");
	while (!find(id))
		turn();
	p->capture = capture_ref(find(id));
	p->folder = g_dir_make_tmp("spoor-XXXXXX", NULL);
	p->path = g_build_filename(p->folder, "web.db", NULL);
	p->parts = g_build_filename(p->folder, ".web.db.part", NULL);
}

static void place_free(struct place *p)
{
	g_clear_object(&p->download);
	capture_unref(p->capture);
	server_link_disconnect(p->link);
	g_object_unref(p->link);
	while (fake_server_seen(p->server)->links)
		turn();
	fake_server_free(p->server);
	tls_identity_free(p->identity);
	g_unlink(p->path);
	assert_int_equal(g_rmdir(p->folder), 0);
	g_free(p->folder);
	g_free(p->path);
	g_free(p->parts);
}

static void begin(struct place *p)
{
	p->download = download_new(p->capture, p->path);
	assert_ptr_equal(download_find(p->capture), p->download);
}

static void until_end(struct place *p)
{
	while (download_get_state(p->download) == DOWNLOAD_RUNNING)
		turn();
	assert_null(download_find(p->capture));
}

static void check_file(struct place *p)
{
	g_autofree char *content = NULL;
	gsize n;

	assert_true(g_file_get_contents(p->path, &content, &n, NULL));
	assert_int_equal(n, FAKE_SERVER_SIZE);
	for (gsize i = 0; i < n; i += 997)
		assert_int_equal((guchar)content[i], (guchar)(i / 1000));
	assert_false(g_file_test(p->parts, G_FILE_TEST_EXISTS));
}

static void it_is_a_file_when_it_is_whole(void **state)
{
	struct place p;

	place_init(&p, "10");
	begin(&p);
	until_end(&p);
	assert_int_equal(download_get_state(p.download), DOWNLOAD_DONE);
	check_file(&p);
	place_free(&p);
}

/* Some of it is there. */
static gboolean has_part(struct place *p)
{
	return download_get_done(p->download) > FAKE_SERVER_SIZE / 4;
}

static void a_break_is_no_new_beginning(void **state)
{
	struct place p;
	guint64 had;

	place_init(&p, "10");
	begin(&p);
	while (!has_part(&p))
		turn();
	had = download_get_done(p.download);
	assert_true(had < FAKE_SERVER_SIZE);
	fake_server_cut(p.server, false);
	while (fake_server_seen(p.server)->fetched < 2 || download_get_done(p.download) == had)
		turn();
	assert_true(download_get_done(p.download) > had);
	until_end(&p);
	assert_int_equal(download_get_state(p.download), DOWNLOAD_DONE);
	check_file(&p);
	place_free(&p);
}

static void a_cancelled_one_leaves_nothing(void **state)
{
	struct place p;

	place_init(&p, "10");
	begin(&p);
	while (!has_part(&p))
		turn();
	assert_true(g_file_test(p.parts, G_FILE_TEST_IS_DIR));
	download_cancel(p.download);
	until_end(&p);
	assert_int_equal(download_get_state(p.download), DOWNLOAD_CANCELLED);
	assert_false(g_file_test(p.parts, G_FILE_TEST_EXISTS));
	assert_false(g_file_test(p.path, G_FILE_TEST_EXISTS));
	place_free(&p);
}

static void what_fails_says_why(void **state)
{
	struct place p;

	place_init(&p, "12");
	begin(&p);
	until_end(&p);
	assert_int_equal(download_get_state(p.download), DOWNLOAD_FAILED);
	assert_non_null(strstr(download_get_reason(p.download), "could not be opened"));
	assert_false(g_file_test(p.parts, G_FILE_TEST_EXISTS));
	place_free(&p);
}

static void a_link_in_the_place_of_its_folder_is_not_followed(void **state)
{
	struct place p;

	place_init(&p, "10");
	assert_int_equal(symlink(p.folder, p.parts), 0);
	begin(&p);
	until_end(&p);
	assert_int_equal(download_get_state(p.download), DOWNLOAD_FAILED);
	assert_int_equal(g_unlink(p.parts), 0);
	place_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_a_file_when_it_is_whole),
		cmocka_unit_test(a_break_is_no_new_beginning),
		cmocka_unit_test(a_cancelled_one_leaves_nothing),
		cmocka_unit_test(what_fails_says_why),
		cmocka_unit_test(a_link_in_the_place_of_its_folder_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
