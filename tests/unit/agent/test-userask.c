#include "tests/unit/test.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/userask.h"

static char folder[] = "/tmp/spoor-ask-XXXXXX";
static char getent[64], told[64], nscd[64], other[64];

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void write_getent(const char *script)
{
	char text[1000];

	snprintf(text, sizeof(text), "#!/bin/sh\necho \"$@\" >>%s\n%s\n", told, script);
	write_file(other, text);
	assert_int_equal(chmod(other, 0755), 0);
	assert_int_equal(rename(other, getent), 0);
	unlink(told);
}

/* How often getent was started. */
static int asked(void)
{
	FILE *f = fopen(told, "r");
	int n = 0, c;

	while (f && (c = getc(f)) != EOF)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

static void getent_answers(void **state)
{
	struct userask ask = { nscd, getent, 3000 };
	char name[USERS_NAME];

	write_getent("[ $# = 2 -a $1 = passwd ] || exit 1\n[ $2 = 61000 ] && echo \"dyn:x:$2:1:::\" && exit\nexit 2");
	assert_int_equal(userask_name(&ask, 61000, name), 0);
	assert_string_equal(name, "dyn");
	assert_int_equal(userask_name(&ask, 61001, name), -ENOENT);
	assert_int_equal(asked(), 2);
}

static void getent_that_does_wrong(void **state)
{
	static const char *const scripts[] = {
		"echo other:x:7:1:::", "echo", "echo a:b", "exit 1", "kill -9 $$", "yes | head -c 100000",
		"echo :x:61000:::", "printf 'a\\0b:x:61000:1:::\\n'", "echo dyn:x:61000:; exit 3",
	};
	struct userask ask = { nscd, getent, 3000 };
	char name[USERS_NAME];

	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		write_getent(scripts[i]);
		assert_int_equal(userask_name(&ask, 61000, name), -EAGAIN);
		assert_int_equal(asked(), 1);
	}
}

static void getent_that_hangs_is_killed(void **state)
{
	struct userask ask = { nscd, getent, 200 };
	char name[USERS_NAME];

	write_getent("exec sleep 1000");
	assert_int_equal(userask_name(&ask, 61000, name), -EAGAIN);
	write_getent("exec >&-\nexec sleep 1000");
	assert_int_equal(userask_name(&ask, 61000, name), -EAGAIN);
}

static void *ask_without_privileges(void *data)
{
	struct userask *ask = data;
	static char name[USERS_NAME];

	return userask_drop_privileges() == 0 && userask_name(ask, 61000, name) == 0 ? name : NULL;
}

/* A thread's, not the process's. */
static void getent_has_no_privileges(void **state)
{
	struct userask ask = { nscd, getent, 3000 };
	pthread_t thread;
	void *name;

	write_getent("c=$(grep CapEff: /proc/self/status | tr -d '\\t ')\n[ \"$c\" = CapEff:0000000000000000 ] || exit 1\n"
	             "[ -z \"$HOME$USER$LD_PRELOAD\" ] || exit 1\nread x && exit 1\necho bare:x:61000:1:::");
	assert_int_equal(pthread_create(&thread, NULL, ask_without_privileges, &ask), 0);
	assert_int_equal(pthread_join(thread, &name), 0);
	assert_non_null(name);
	assert_string_equal(name, "bare");
}

/* ---- nscd ---- */

struct fake {
	int listener;
	int32_t answer[9];
	const char *name;
	size_t n_name, n_answer; /* bytes that are sent */
	bool asked_well;
};

static void *serve(void *data)
{
	struct fake *f = data;
	int fd = accept(f->listener, NULL, NULL);
	char question[64];
	int32_t header[3];
	ssize_t n = recv(fd, question, sizeof(question), 0);

	memcpy(header, question, sizeof(header));
	f->asked_well = n == 12 + 6 && header[0] == 2 && header[1] == 1 && header[2] == 6 && memcmp(question + 12, "61000", 6) == 0;
	if (send(fd, f->answer, f->n_answer, MSG_NOSIGNAL) != (ssize_t)f->n_answer)
		f->asked_well = false;
	if (f->n_name && send(fd, f->name, f->n_name, MSG_NOSIGNAL) < 0)
		f->n_name = 0; /* the asker has seen enough */
	close(fd);
	return NULL;
}

static int ask_fake(struct fake *f, char name[USERS_NAME])
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct userask ask = { nscd, getent, 3000 };
	pthread_t thread;
	int r;

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", nscd);
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(f->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(f->listener, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, serve, f), 0);
	r = userask_name(&ask, 61000, name);
	assert_int_equal(pthread_join(thread, NULL), 0);
	close(f->listener);
	unlink(nscd);
	assert_true(f->asked_well);
	return r;
}

static void nscd_comes_first(void **state)
{
	char name[USERS_NAME], far[300];
	struct fake f = { .answer = { 2, 1, 5, 2, 61000, 1, 1, 1, 1 }, .name = "anna\0x\0\0\0", .n_name = 9, .n_answer = 36 };

	write_getent("echo getent:x:61000:1:::");
	assert_int_equal(ask_fake(&f, name), 0);
	assert_string_equal(name, "anna");
	f = (struct fake){ .answer = { 2, 0 }, .n_answer = 36 };
	assert_int_equal(ask_fake(&f, name), -ENOENT);
	assert_int_equal(asked(), 0);
	f = (struct fake){ .answer = { 2, -1 }, .n_answer = 36 }; /* it keeps no users */
	assert_int_equal(ask_fake(&f, name), 0);
	assert_string_equal(name, "getent");
	assert_int_equal(asked(), 1);
	f = (struct fake){ .answer = { 2, 1, 5 }, .n_answer = 20 };
	assert_int_equal(ask_fake(&f, name), -EAGAIN);
	f = (struct fake){ .answer = { 2, 1, 5 }, .n_answer = 36, .name = "an", .n_name = 2 };
	assert_int_equal(ask_fake(&f, name), -EAGAIN);
	f = (struct fake){ .answer = { 2, 1, 4 }, .n_answer = 36, .name = "a:b", .n_name = 4 };
	assert_int_equal(ask_fake(&f, name), -EAGAIN);
	memset(far, 'x', sizeof(far));
	f = (struct fake){ .answer = { 2, 1, INT32_MAX }, .n_answer = 36, .name = far, .n_name = sizeof(far) };
	assert_int_equal(ask_fake(&f, name), -EAGAIN);
	f = (struct fake){ .answer = { 2, 1, -5 }, .n_answer = 36 };
	assert_int_equal(ask_fake(&f, name), -EAGAIN);
	unlink(getent);
	assert_int_equal(userask_name(&(struct userask){ nscd, getent, 100 }, 61000, name), -EOPNOTSUPP);
}

static int begin(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(getent, sizeof(getent), "%s/getent", folder);
	snprintf(told, sizeof(told), "%s/told", folder);
	snprintf(nscd, sizeof(nscd), "%s/nscd", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	return 0;
}

static int end(void **state)
{
	const char *const files[] = { getent, told, nscd, other };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(files[i]);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(getent_answers),
		cmocka_unit_test(getent_that_does_wrong), cmocka_unit_test(getent_that_hangs_is_killed),
		cmocka_unit_test(getent_has_no_privileges), cmocka_unit_test(nscd_comes_first),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
