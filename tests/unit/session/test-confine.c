#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/landlock.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/session/confine-seal.h"
#include "agent/session/confine.h"
#include "agent/session/remote.h"
#include "agent/session/serve.h"
#include "agent/wire/wire.h"
#include "recorder/store/store.h"

#define PROBE "--probe"
#define VICTIM "--victim"

/* ---- in a process of its own: what the seals leave ---- */

static bool landlock; /* the kernel has it: else the first seal leaves files alone */
static pid_t parent;
static int wrong; /* exit status of the probe: 0 when all is as it should be */

static void expect(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "probe: %s (errno: %s)\n", what, strerror(errno));
		wrong = 1;
	}
}

static bool denied(long result)
{
	return result < 0 && (errno == EPERM || errno == EACCES);
}

static void *nothing(void *data)
{
	return data;
}

/* What neither seal allows. */
static void expect_closed(const char *when, bool files)
{
	struct rlimit l;
	char what[200];
	void *p;

	fprintf(stderr, "probe: %s\n", when);
	expect(denied(socket(AF_INET, SOCK_STREAM, 0)), "an IPv4 socket was made");
	expect(denied(socket(AF_UNIX, SOCK_STREAM, 0)), "a unix socket was made");
	expect(denied(syscall(SYS_fork)), "a process was made");
	expect(denied(execl("/bin/true", "true", NULL)), "a program was run");
	expect(denied(syscall(SYS_ptrace, 0, parent, NULL, NULL)), "a process was traced");
	expect(denied(kill(parent, 0)), "a signal was sent");
	expect(denied(prlimit(parent, RLIMIT_CORE, NULL, &l)), "the limits of another process were read");
	expect(denied(syscall(SYS_io_uring_setup, 1, NULL)), "io_uring is there");
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	expect(p == MAP_FAILED && errno == EPERM, "executable memory was mapped");
	if (!files)
		return;
	expect(denied(open("/etc/passwd", O_RDONLY)), "a file from elsewhere was opened");
	expect(denied(open("/var/tmp/spoor-probe", O_CREAT | O_WRONLY, 0600)), "a file was made elsewhere");
	snprintf(what, sizeof(what), "/proc/%d/environ", (int)parent);
	expect(denied(open(what, O_RDONLY)), "another process's environment was opened");
}

struct shared {
	pthread_mutex_t lock;
	const char *path;
	int result;
};

/* A thread from before the second seal must be bound by it too. */
static void *late_open(void *data)
{
	struct shared *s = data;

	pthread_mutex_lock(&s->lock);
	s->result = denied(open(s->path, O_RDONLY)) ? 0 : -1;
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static int probe(const char *path, const char *temp)
{
	char other[4096], byte;
	struct shared shared = { .path = path };
	pthread_t thread, late;
	struct rlimit l;
	int fd, out;

	parent = getppid();
	landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1;
	snprintf(other, sizeof(other), "%s/copy", temp);
	pthread_mutex_init(&shared.lock, NULL);
	pthread_mutex_lock(&shared.lock);
	expect(confine_seal_for_opening(path, temp, false) == 0, "the first seal failed");
	expect_closed("after the first seal", landlock);
	fd = open(path, O_RDONLY);
	expect(fd >= 0, "the file itself could not be opened");
	expect(!landlock || open(path, O_RDWR) < 0, "the file could be opened for writing");
	out = open(other, O_CREAT | O_RDWR, 0600);
	expect(out >= 0 && write(out, "x", 1) == 1, "no file could be made in the temporary folder");
	expect(pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0, "no thread");
	expect(pthread_create(&late, NULL, late_open, &shared) == 0, "no second thread");

	expect(getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_max == 0, "a core could be dumped");
	expect(confine_seal_for_reading(false) == 0, "the second seal failed");
	expect_closed("after the second seal", true);
	expect(denied(open(path, O_RDONLY)), "the file could be opened again");
	expect(denied(open(other, O_RDONLY)), "a temporary file could be opened");
	expect(denied(mkdir("made", 0700)), "a folder was made");
	expect(denied(unlink(other)), "a file was removed");
	signal(SIGXFSZ, SIG_IGN);
	expect(lseek(out, 0, SEEK_END) == 1 && write(out, "x", 1) < 0 && errno == EFBIG, "a file grew");
	expect(pread(fd, &byte, 1, 0) == 1, "the open file could not be read");
	expect(malloc(1 << 20) != NULL, "no memory");
	pthread_mutex_unlock(&shared.lock);
	pthread_join(late, NULL);
	expect(shared.result == 0, "the other thread could still open the file");
	fprintf(stderr, "probe: done\n");
	return wrong;
}

/* ---- children that behave badly ---- */

/* Serves as the real child does, until it is asked something: then it never answers. */
static void misbehave(const char *path, const char *temp, void (*badly)(void))
{
	struct messages_call call;
	struct serve *s;

	if (confine_seal_for_opening(path, temp, false) < 0 || serve_new(3, NULL, &s) < 0 || serve_next(s, &call) != 1)
		_exit(1);
	rmdir(temp);
	if (confine_seal_for_reading(false) < 0 || serve_answer(s, &call, 0, NULL, NULL) < 0 || serve_next(s, &call) != 1)
		_exit(1);
	badly();
}

static void wait_for_ever(void)
{
	for (;;)
		usleep(10000);
}

static void eat(void)
{
	for (;;) {
		void *p = malloc(4 << 20);

		if (p)
			memset(p, 1, 4 << 20);
		usleep(p ? 1000 : 10000);
	}
}

/* All at once, faster than anybody looks. */
static void gulp(void)
{
	void *p;

	while ((p = malloc(1 << 20)))
		memset(p, 1, 1 << 20);
	wait_for_ever();
}

/* By the name of what it is to open; else it is the real one. */
static void maybe_misbehave(int argc, char **argv)
{
	static const struct { const char *name; void (*badly)(void); } all[] = {
		{ "/waits.db", wait_for_ever }, { "/eats.db", eat }, { "/gulps.db", gulp },
	};

	if (argc != 5 || strcmp(argv[1], CONFINE_ARGUMENT) != 0)
		return;
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (strstr(argv[2], all[i].name))
			misbehave(argv[2], argv[3], all[i].badly);
}

/* ---- fixtures ---- */

struct place {
	char folder[64], db[128], temp[128];
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

static void make_db(const char *path)
{
	struct batch *b = batch_new();
	struct store *s;
	char *error = NULL;

	assert_non_null(b);
	batch_add(b, ITEM_BOOT)->boot = (struct boot_seen){ 1, SPAN("web-03"), SPAN(""), 1000 };
	batch_add(b, ITEM_PROCESS)->process = (struct process_start){
		.id = 1, .boot = 1, .pid = 4711, .start_ms = 2000, .start_known = true, .origin = PROCESS_EXEC };
	batch_add(b, ITEM_IMAGE)->image = (struct image_start){
		.id = 1, .process = 1, .start_ms = 2000, .origin = PROCESS_EXEC, .executable = SPAN("/usr/bin/curl"),
		.comm = SPAN("curl"), .command_line = SPAN("curl -s"), .argc = 2 };
	for (int i = 0; i < 100; i++)
		batch_add(b, ITEM_EVENT)->event = (struct event){
			.time_ms = 2000 + i * 1000, .serial = (uint64_t)i + 1, .image = 1, .action = ACTION_FILE_CREATE,
			.object = i % 2 ? SPAN("/tmp/a\xff") : SPAN("/tmp/b") };
	assert_int_equal(store_open(path, STORE_CREATE, &s, &error), 0);
	assert_int_equal(store_write(s, b), 0);
	assert_int_equal(store_close(s), 0);
	batch_free(b);
}

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	snprintf(p->folder, sizeof(p->folder), "/tmp/spoor-test-confine-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->db, sizeof(p->db), "%s/monitor.db", p->folder);
	snprintf(p->temp, sizeof(p->temp), "%s/temp", p->folder);
	assert_int_equal(mkdir(p->temp, 0700), 0);
	setenv("TMPDIR", p->temp, 1);
	make_db(p->db);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	/* Nothing of the children's temporary files is left. */
	assert_int_equal(rmdir(p->temp), 0);
	nftw(p->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static struct reader *open_db(const char *path)
{
	struct reader *r = NULL;
	char *error = NULL;

	if (confine_open(path, VAULT_CHECK, NULL, NULL, NULL, &r, &error) < 0)
		fail_msg("%s", error);
	assert_true(confine_pid(r) > 0);
	return r;
}

/* ---- tests ---- */

static void the_seals_hold(void **state)
{
	struct place *p = *state;
	char copy[sizeof(p->temp) + 8];
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		execl("/proc/self/exe", "test-confine", PROBE, p->db, p->temp, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	snprintf(copy, sizeof(copy), "%s/copy", p->temp);
	remove(copy);
}

static void a_recording_is_read_through_the_child(void **state)
{
	struct place *p = *state;
	struct reader *r = open_db(p->db);
	AUTO_EXPR *where = NULL;
	struct expr_error e;
	struct reader_info info;
	struct reader_page page;
	struct reader_count count;

	assert_int_equal(r->ops->info(r, NULL, &info), 0);
	assert_true(span_eq(info.host, SPAN("web-03")));
	assert_int_equal(info.processes, 1);
	reader_info_free(&info);
	assert_int_equal(expr_parse(SPAN("file.path == \"/tmp/b\""), &where, &e), 0);
	assert_int_equal(r->ops->count(r, NULL, where, READER_ALL_TIME, 10, &count), 0);
	assert_true(count.total > 0);
	reader_count_free(&count);
	assert_int_equal(r->ops->page(r, NULL, NULL, READER_ALL_TIME, (struct reader_place){ 0 }, 10, &page), 0);
	assert_true(page.n > 1);
	assert_true(span_eq(page.rows[1].object, SPAN("/tmp/a\xff")) || span_eq(page.rows[0].object, SPAN("/tmp/b")));
	reader_page_free(&page);
	reader_close(r);
}

static bool status_has(pid_t pid, const char *line)
{
	char path[64], text[4096] = "";
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	return n > 0 && strstr(text, line);
}

static void the_child_is_confined_and_ends_with_its_reader(void **state)
{
	struct place *p = *state;
	struct reader *r = open_db(p->db);
	pid_t pid = confine_pid(r);

	assert_true(status_has(pid, "Seccomp:\t2"));
	assert_true(status_has(pid, "NoNewPrivs:\t1"));
	reader_close(r);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void a_stranger_is_served_without_opening(void **state)
{
	struct place *p = *state;
	struct reader_count count;
	struct reader *r;
	pid_t pid;
	int fd;

	assert_int_equal(confine_serve_live(p->db, &fd, &pid), 0);
	r = remote_reader_new(fd);
	assert_non_null(r);
	assert_int_equal(r->ops->count(r, NULL, NULL, READER_ALL_TIME, 10, &count), 0);
	assert_int_equal(count.events, 100);
	reader_count_free(&count);
	assert_true(status_has(pid, "Seccomp:\t2"));
	assert_true(status_has(pid, "NoNewPrivs:\t1"));
	assert_true(confine_memory(pid) > 0);
	reader_close(r); /* it ends with its peer */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* The stranger may not name another file; and is told of one that cannot be opened. */
static void a_stranger_opens_nothing(void **state)
{
	struct place *p = *state;
	struct reader_info info;
	char nowhere[sizeof(p->folder) + 16];
	char *why = NULL;
	struct reader *r;
	pid_t pid;
	int fd;

	assert_int_equal(confine_serve_live(p->db, &fd, &pid), 0);
	r = remote_reader_new(fd);
	assert_true(remote_open(r, p->db, VAULT_LIVE, NULL, NULL, NULL, &why) < 0);
	free(why);
	reader_close(r);
	assert_int_equal(waitpid(pid, NULL, 0), pid);

	snprintf(nowhere, sizeof(nowhere), "%s/nowhere.db", p->folder);
	assert_int_equal(confine_serve_live(nowhere, &fd, &pid), 0);
	r = remote_reader_new(fd);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(r->ops->info(r, NULL, &info), -ENOENT);
		if (!strstr(r->error, "cannot open: "))
			fail_msg("\"%s\"", r->error);
	}
	reader_close(r);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void expect_refusal(const char *path, int error, const char *text)
{
	struct reader *r = NULL;
	char *why = NULL;

	assert_int_equal(confine_open(path, VAULT_CHECK, NULL, NULL, NULL, &r, &why), error);
	assert_null(r);
	assert_non_null(why);
	assert_int_equal(strncmp(why, path, strlen(path)), 0);
	assert_null(strchr(why, '\n'));
	if (text)
		assert_non_null(strstr(why, text));
	free(why);
}

static void what_is_no_recording_is_told_in_a_line(void **state)
{
	struct place *p = *state;
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/none.db", p->folder);
	expect_refusal(path, -ENOENT, NULL);
	expect_refusal(p->folder, -EISDIR, NULL);
	snprintf(path, sizeof(path), "%s/garbage.db", p->folder);
	f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < 10000; i++)
		fputc(i * 7 % 256, f);
	fclose(f);
	expect_refusal(path, -ENOTSUP, NULL);
}

static void a_child_that_dies_is_an_error_not_the_end(void **state)
{
	struct place *p = *state;
	struct reader *r = open_db(p->db), *again;
	struct reader_info info;

	assert_int_equal(kill(confine_pid(r), SIGKILL), 0);
	assert_int_equal(r->ops->info(r, NULL, &info), -EPIPE);
	assert_int_equal(r->ops->info(r, NULL, &info), -EPIPE);
	assert_non_null(strstr(reader_error_text(r, -EPIPE), "has ended"));
	again = open_db(p->db);
	assert_int_equal(again->ops->info(again, NULL, &info), 0);
	reader_info_free(&info);
	reader_close(again);
	reader_close(r);
}

static void a_child_that_hangs_is_given_up(void **state)
{
	struct place *p = *state;
	struct reader *r = open_db(p->db);
	struct cancel cancel = { 0 };
	struct reader_info info;

	assert_int_equal(kill(confine_pid(r), SIGSTOP), 0);
	atomic_store(&cancel.requested, true);
	assert_int_equal(r->ops->info(r, &cancel, &info), -ETIMEDOUT);
	assert_non_null(strstr(reader_error_text(r, -ETIMEDOUT), "does not answer"));
	reader_close(r);
}

/* Asks a child that behaves badly; it is gone then, and said so. */
static void expect_end(struct place *p, const char *name, int64_t patience, int error, const char *text)
{
	char path[256];
	struct reader_info info;
	struct reader *r;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/%s", p->folder, name);
	r = open_db(path);
	pid = confine_pid(r);
	if (patience)
		remote_set_patience(r, patience);
	assert_int_equal(r->ops->info(r, NULL, &info), error);
	assert_non_null(strstr(reader_error_text(r, error), text));
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(r->ops->info(r, NULL, &info), error); /* for good */
	assert_non_null(strstr(reader_error_text(r, error), text));
	reader_close(r);
}

static void a_child_that_takes_too_much_memory_is_ended(void **state)
{
	expect_end(*state, "eats.db", 0, -EPIPE, "too much memory");
	expect_end(*state, "gulps.db", 0, -EPIPE, "too much memory");
}

/* It says that it is alive every second. */
static void a_child_that_never_answers_is_ended(void **state)
{
	expect_end(*state, "waits.db", WIRE_ALIVE_MS * 5 / 2, -ETIMEDOUT, "does not answer");
}

static void opening_can_be_cancelled(void **state)
{
	struct place *p = *state;
	struct cancel cancel = { 0 };
	struct reader *r = NULL;
	char *why = NULL;
	int error;

	atomic_store(&cancel.requested, true);
	error = confine_open(p->db, VAULT_CHECK, &cancel, NULL, NULL, &r, &why);
	if (error == 0) { /* so small a file may be open before the cancel arrives */
		reader_close(r);
		return;
	}
	assert_int_equal(error, -ECANCELED);
	assert_non_null(why);
	free(why);
}

static void die(double fraction, void *data)
{
	kill(getpid(), SIGKILL);
}

/* A program that is killed while its child opens a recording. */
static int victim(const char *path)
{
	struct reader *r = NULL;
	char *why = NULL;

	confine_open(path, VAULT_CHECK, NULL, die, NULL, &r, &why);
	return 0;
}

/* Teardown finds the folder for temporary files empty. */
static void the_child_leaves_nothing_of_one_that_was_killed(void **state)
{
	struct place *p = *state;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		execl("/proc/self/exe", "test-confine", VICTIM, p->db, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	for (int i = 0; i < 1000 && rmdir(p->temp) < 0; i++)
		usleep(10000);
	assert_int_equal(mkdir(p->temp, 0700), 0);
}

static void *open_and_leave(void *data)
{
	return open_db(data);
}

static void the_child_outlives_the_thread_that_opened_it(void **state)
{
	struct place *p = *state;
	struct reader_info info;
	pthread_t thread;
	void *r;

	assert_int_equal(pthread_create(&thread, NULL, open_and_leave, p->db), 0);
	assert_int_equal(pthread_join(thread, &r), 0);
	usleep(50000);
	assert_int_equal(((struct reader *)r)->ops->info(r, NULL, &info), 0);
	reader_info_free(&info);
	reader_close(r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_seals_hold, setup, teardown),
		cmocka_unit_test_setup_teardown(a_recording_is_read_through_the_child, setup, teardown),
		cmocka_unit_test_setup_teardown(the_child_is_confined_and_ends_with_its_reader, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stranger_is_served_without_opening, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stranger_opens_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_recording_is_told_in_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(a_child_that_dies_is_an_error_not_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(a_child_that_hangs_is_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(a_child_that_takes_too_much_memory_is_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(a_child_that_never_answers_is_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(opening_can_be_cancelled, setup, teardown),
		cmocka_unit_test_setup_teardown(the_child_leaves_nothing_of_one_that_was_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(the_child_outlives_the_thread_that_opened_it, setup, teardown),
	};

	maybe_misbehave(argc, argv);
	confine_child_main(argc, argv);
	if (argc == 3 && strcmp(argv[1], VICTIM) == 0)
		_exit(victim(argv[2]));
	if (argc == 4 && strcmp(argv[1], PROBE) == 0)
		_exit(probe(argv[2], argv[3])); /* what runs at exit may need what is sealed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
