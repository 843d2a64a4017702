#include "tests/unit/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/opener/ask.h"
#include "agent/opener/keep.h"
#include "recorder/store/store.h"

static struct place {
	char folder[64], database[96], captures[112];
	struct fdm *fdm;
	struct asker *asker;
	pid_t opener;
	struct ask_answer answer;
	int file;
	bool answered;
} place;

static void serve(void)
{
	int listener;

	assert_int_equal(ask_listen(place.database, getegid(), &listener), 0);
	place.opener = fork();
	if (place.opener == 0)
		_exit(ask_serve(listener, geteuid(), place.database) < 0);
	close(listener);
}

static void end_opener(void)
{
	kill(place.opener, SIGKILL);
	assert_int_equal(waitpid(place.opener, NULL, 0), place.opener);
}

static int set_up(void **state)
{
	AUTO_FREE char *error = NULL;
	struct store *s;

	place = (struct place){ .file = -1 };
	snprintf(place.folder, sizeof(place.folder), "/tmp/test-ask-XXXXXX");
	assert_non_null(mkdtemp(place.folder));
	snprintf(place.database, sizeof(place.database), "%s/m.db", place.folder);
	snprintf(place.captures, sizeof(place.captures), "%s.captures", place.database);
	assert_int_equal(store_open(place.database, STORE_CREATE, &s, &error), 0);
	store_close(s);
	serve();
	place.fdm = fdm_new();
	return asker_new(place.fdm, place.database, &place.asker);
}

static void empty(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && unlinkat(dirfd(d), e->d_name, 0) < 0) {
			char below[400];

			snprintf(below, sizeof(below), "%s/%.200s", path, e->d_name);
			empty(below);
		}
	if (d)
		closedir(d);
	rmdir(path);
}

static int tear_down(void **state)
{
	asker_free(place.asker);
	fdm_free(place.fdm);
	end_opener();
	if (place.file >= 0)
		close(place.file);
	empty(place.folder);
	return 0;
}

static void on_answer(const struct ask_answer *a, int fd, void *data)
{
	place.answer = *a;
	if (place.file >= 0)
		close(place.file);
	place.file = fd;
	place.answered = true;
	fdm_quit(place.fdm);
}

static int ask(enum ask_kind kind, const char *path)
{
	struct ask_request q = { .kind = kind, .max_bytes = 1 << 30 };

	snprintf(q.path, sizeof(q.path), "%s", path);
	place.answered = false;
	assert_int_equal(asker_ask(place.asker, &q, on_answer, NULL), 0);
	assert_false(place.answered);
	assert_int_equal(fdm_run(place.fdm), 0);
	assert_true(place.answered);
	return place.answer.error;
}

static ino_t inode(void)
{
	struct stat st;

	assert_int_equal(fstat(place.file, &st), 0);
	return st.st_ino;
}

static void files_come_as_descriptors(void **state)
{
	char head[16];

	assert_int_equal(ask(ASK_FILE, place.database), 0);
	assert_int_equal(pread(place.file, head, 16, 0), 16);
	assert_memory_equal(head, "SQLite format 3", 16);
	assert_int_equal(ask(ASK_FILE, "/dev/null"), -EINVAL);
	assert_string_equal(place.answer.why, "it is a device");
	assert_int_equal(place.file, -1);
	assert_int_equal(ask(99, "/"), -EINVAL);
}

static void a_capture_stays_until_it_was_fetched(void **state)
{
	ino_t first;

	assert_int_equal(ask(ASK_CAPTURE, "7"), 0);
	assert_non_null(strstr(place.answer.file, ".db"));
	first = inode();
	assert_int_equal(ask(ASK_CAPTURE, "7"), 0);
	assert_int_equal(inode(), first);
	assert_int_equal(ask(ASK_CAPTURE, "8"), 0); /* takes the place of the other */
	assert_int_equal(ask(ASK_CAPTURE, "../x"), -EINVAL);
	assert_int_equal(asker_ask(place.asker, &(struct ask_request){ .kind = ASK_FETCHED, .path = "8" }, NULL, NULL), 0);
	for (int i = 0; i < 500; i++) {
		DIR *d = opendir(place.captures);
		unsigned n = 0;

		while (d && readdir(d))
			n++;
		closedir(d);
		if (n == 2)
			return;
		usleep(10000);
	}
	fail_msg("the snapshot is still there");
}

/* One that was being made when its process was killed is made anew; an old one goes. */
static void nothing_half_is_given(void **state)
{
	char path[400], file[256], why[KEEP_WHY];
	int fd, n;

	assert_int_equal(mkdir(place.captures, 0700), 0);
	snprintf(path, sizeof(path), "%s/9", place.captures);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/9/.h_2026.db.part-1", place.captures);
	n = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(n >= 0);
	close(n);
	assert_int_equal(keep_open(place.database, "9", &fd, file, why), 0);
	close(fd);
	assert_int_equal(access(path, F_OK), -1);
	keep_sweep(place.database, 60000);
	snprintf(path, sizeof(path), "%s/9/%s", place.captures, file);
	assert_int_equal(access(path, F_OK), 0);
	keep_sweep(place.database, -60000);
	assert_int_equal(access(path, F_OK), -1);
}

static void forgotten_answers_are_dropped(void **state)
{
	struct ask_request q = { .kind = ASK_FILE, .max_bytes = 1 << 30 };

	snprintf(q.path, sizeof(q.path), "%s", place.database);
	place.answered = false;
	assert_int_equal(asker_ask(place.asker, &q, on_answer, NULL), 0);
	asker_forget(place.asker, q.id);
	q.kind = 99; /* another one, so that there is something to wait for */
	assert_int_equal(asker_ask(place.asker, &q, on_answer, NULL), 0);
	assert_int_equal(fdm_run(place.fdm), 0);
	assert_int_equal(place.answer.error, -EINVAL);
}

static void another_opener_is_found(void **state)
{
	struct ask_request q = { .kind = ASK_FILE };
	int r;

	assert_int_equal(ask(ASK_FILE, place.database), 0);
	kill(place.opener, SIGSTOP);
	snprintf(q.path, sizeof(q.path), "%s", place.database);
	assert_int_equal(asker_ask(place.asker, &q, on_answer, NULL), 0);
	end_opener();
	assert_int_equal(fdm_run(place.fdm), 0);
	assert_int_equal(place.answer.error, -EPIPE);
	while ((r = asker_ask(place.asker, &q, on_answer, NULL)) == 0) { /* what it had started for others ends by and by */
		assert_int_equal(fdm_run(place.fdm), 0);
		assert_int_equal(place.answer.error, -EPIPE);
	}
	assert_int_equal(r, -ECONNREFUSED);
	serve();
	assert_int_equal(ask(ASK_FILE, place.database), 0);
}

static void strangers_and_nonsense_are_let_go(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char byte;
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%.80s" ASK_SOCKET, place.database);
	assert_int_equal(connect(s, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(send(s, "x", 1, 0), 1);
	assert_int_equal(recv(s, &byte, 1, 0), 0);
	close(s);
	assert_int_equal(ask(ASK_FILE, place.database), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_come_as_descriptors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_capture_stays_until_it_was_fetched, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_half_is_given, set_up, tear_down),
		cmocka_unit_test_setup_teardown(forgotten_answers_are_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_opener_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(strangers_and_nonsense_are_let_go, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
