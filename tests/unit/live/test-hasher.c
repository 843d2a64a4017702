#include "tests/unit/test.h"

#include <fcntl.h>
#include <md5.h>
#include <sha2.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "recorder/hasher.h"

struct fixture {
	struct hasher *hasher;
	struct arena arena;
	char dir[32], program[64];
	pid_t child;
};

static void copy_file(const char *from, const char *to)
{
	AUTO_CLOSE int in = open(from, O_RDONLY);
	AUTO_CLOSE int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	char bytes[65536];
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)n), n);
}

static void bytes_of(const char *hex, unsigned char *ret, size_t n)
{
	unsigned byte;

	assert_int_equal(strlen(hex), 2 * n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		ret[i] = (unsigned char)byte;
	}
}

static void hash_of(const char *path, struct file_hash *ret)
{
	char md5[MD5_DIGEST_STRING_LENGTH], sha256[SHA256_DIGEST_STRING_LENGTH];
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	ret->size = st.st_size;
	assert_non_null(MD5File(path, md5));
	assert_non_null(SHA256File(path, sha256));
	bytes_of(md5, ret->md5, sizeof(ret->md5));
	bytes_of(sha256, ret->sha256, sizeof(ret->sha256));
}

/* A sleeping program of our own, which nobody else has hashed. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/test-hasher-XXXXXX");
	if (!mkdtemp(f->dir) || hasher_new(HASHER_MAX_BYTES, &f->hasher) < 0)
		return -1;
	snprintf(f->program, sizeof(f->program), "%s/program", f->dir);
	copy_file("/bin/sleep", f->program);
	f->child = fork();
	if (f->child == 0) {
		execl(f->program, "sleep", "1000", NULL);
		_exit(1);
	}
	for (int i = 0; i < 500; i++) {
		char link[64], target[128] = "";

		snprintf(link, sizeof(link), "/proc/%d/exe", f->child);
		if (readlink(link, target, sizeof(target) - 1) > 0 && strcmp(target, f->program) == 0)
			break;
		nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	hasher_free(f->hasher);
	arena_free(&f->arena);
	if (f->child) {
		kill(f->child, SIGKILL);
		waitpid(f->child, NULL, 0);
	}
	unlink(f->program);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void check_hash(const struct file_hash *a, const struct file_hash *b)
{
	assert_memory_equal(a->md5, b->md5, sizeof(a->md5));
	assert_memory_equal(a->sha256, b->sha256, sizeof(a->sha256));
	assert_int_equal(a->size, b->size);
}

static void hashed_once_then_known(void **state)
{
	struct fixture *f = *state;
	struct image_start first = { .id = 5 }, second = { .id = 6 };
	struct file_hash right;
	struct image_hash told;

	hash_of(f->program, &right);
	hasher_ask(f->hasher, f->child, 0, &first, &f->arena);
	assert_null(first.hash);
	assert_int_equal(first.hash_reason, HASH_NOT_YET);
	hasher_end(f->hasher);
	assert_true(hasher_take(f->hasher, &told));
	assert_int_equal(told.image, 5);
	assert_int_equal(told.reason, 0);
	check_hash(&told.hash, &right);
	assert_false(hasher_take(f->hasher, &told));
	hasher_ask(f->hasher, f->child, 0, &second, &f->arena);
	assert_non_null(second.hash);
	check_hash(second.hash, &right);
}

static void a_deleted_program_that_runs(void **state)
{
	struct fixture *f = *state;
	struct image_start image = { .id = 5 };
	struct file_hash right;
	struct image_hash told;

	hash_of(f->program, &right);
	assert_int_equal(unlink(f->program), 0);
	copy_file("/bin/true", f->program);
	hasher_ask(f->hasher, f->child, 0, &image, &f->arena);
	hasher_end(f->hasher);
	assert_true(hasher_take(f->hasher, &told));
	assert_int_equal(told.reason, 0);
	check_hash(&told.hash, &right);
}

static void two_that_wait_are_both_told(void **state)
{
	struct fixture *f = *state;
	struct image_start a = { .id = 5 }, b = { .id = 6 };
	struct image_hash told;

	hasher_ask(f->hasher, f->child, 0, &a, &f->arena);
	hasher_ask(f->hasher, f->child, 0, &b, &f->arena);
	hasher_end(f->hasher);
	assert_true(hasher_take(f->hasher, &told));
	assert_int_equal(told.image, 5);
	assert_int_equal(told.reason, 0);
	assert_true(b.hash || hasher_take(f->hasher, &told));
	assert_true(b.hash || (told.image == 6 && told.reason == 0));
}

static void too_large(void **state)
{
	struct fixture *f = *state;
	struct image_start image = { .id = 5 };
	struct hasher *small;

	assert_int_equal(hasher_new(1000, &small), 0);
	hasher_ask(small, f->child, 0, &image, &f->arena);
	assert_int_equal(image.hash_reason, HASH_TOO_LARGE);
	assert_null(image.hash);
	hasher_free(small);
}

static void of_one_that_is_gone(void **state)
{
	struct fixture *f = *state;
	struct image_start image = { .id = 5, .executable = span_of(f->program), .start_ms = INT64_MAX };
	struct stat st;

	assert_int_equal(stat(f->program, &st), 0);
	kill(f->child, SIGKILL);
	waitpid(f->child, NULL, 0);
	hasher_ask(f->hasher, f->child, getpid(), &image, &f->arena);
	assert_int_equal(image.hash_reason, HASH_GONE); /* no record says which file it was */
	image.files[1] = (struct file_id){ st.st_dev, st.st_ino };
	hasher_ask(f->hasher, f->child, 0, &image, &f->arena);
	assert_int_equal(image.hash_reason, HASH_GONE); /* in whose root? */
	image.start_ms = 1;
	hasher_ask(f->hasher, f->child, getpid(), &image, &f->arena);
	assert_int_equal(image.hash_reason, HASH_GONE); /* it was changed after it ran */
	image.start_ms = INT64_MAX;
	hasher_ask(f->hasher, f->child, getpid(), &image, &f->arena);
	assert_int_equal(image.hash_reason, HASH_NOT_YET);
	f->child = 0;
}

static void another_program_by_now(void **state)
{
	struct fixture *f = *state;
	struct image_start image = { .id = 5, .files = { { 1, 2 } } };

	hasher_ask(f->hasher, f->child, 0, &image, &f->arena);
	assert_int_equal(image.hash_reason, HASH_GONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hashed_once_then_known), TEST(a_deleted_program_that_runs), TEST(two_that_wait_are_both_told),
		TEST(too_large), TEST(of_one_that_is_gone), TEST(another_program_by_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
