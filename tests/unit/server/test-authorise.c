#include "tests/unit/test.h"

#include <errno.h>

#include "server/authorise.h"

/* What each role may do: to what it sees or owns / to what is foreign to it. y yes, - not its role, 0 as if it did not
 * exist. Columns: viewer, investigator, administrator. Written from what people are told, not from the table in the code. */
static const struct expected {
	enum authorise_request request;
	const char *own, *foreign; /* foreign NULL: the request has no object */
} matrix[] = {
	{ AUTHORISE_OWN_PASSWORD, "yyy", "000" },
	{ AUTHORISE_LIST_ENDPOINTS, "yyy", NULL },
	{ AUTHORISE_OPEN_SESSION, "-yy", "-0y" },
	{ AUTHORISE_CLOSE_SESSION, "-yy", "-0y" },
	{ AUTHORISE_CAPTURE, "-yy", "-0y" },
	{ AUTHORISE_SAVE_FILE, "-yy", "-0y" },
	{ AUTHORISE_LIST_FILES, "yyy", NULL },
	{ AUTHORISE_OPEN_FILE, "yyy", "00y" },
	{ AUTHORISE_DELETE_FILE, "-yy", "-0y" },
	{ AUTHORISE_LIST_SNAPSHOTS, "yyy", NULL },
	{ AUTHORISE_OPEN_SNAPSHOT, "yyy", "00y" },
	{ AUTHORISE_UPLOAD_SNAPSHOT, "-yy", NULL },
	{ AUTHORISE_DELETE_SNAPSHOT, "-yy", "-0y" },
	{ AUTHORISE_READ_EVIDENCE, "yyy", "00y" },
	{ AUTHORISE_ADD_EVIDENCE, "-yy", "-0y" },
	{ AUTHORISE_DELETE_EVIDENCE, "-yy", "-0y" },
	{ AUTHORISE_READ_IOCS, "yyy", NULL },
	{ AUTHORISE_EDIT_IOCS, "-yy", NULL },
	{ AUTHORISE_READ_POLICIES, "yyy", NULL },
	{ AUTHORISE_EDIT_POLICIES, "-yy", NULL },
	{ AUTHORISE_LIST_USERS, "--y", NULL },
	{ AUTHORISE_EDIT_USERS, "--y", NULL },
	{ AUTHORISE_EDIT_GROUPS, "--y", NULL },
	{ AUTHORISE_LIST_TOKENS, "--y", NULL },
	{ AUTHORISE_EDIT_TOKENS, "--y", NULL },
	{ AUTHORISE_REVOKE_ENDPOINT, "--y", "--y" },
	{ AUTHORISE_DELETE_ENDPOINT, "--y", "--y" },
	{ AUTHORISE_READ_ACTIVITY, "--y", NULL },
};

enum { ME = 7, OTHER = 8, MINE = 30, THEIRS = 31 };
static const int64_t groups[] = { 10, 20, MINE, 40 };

static struct authorise_who somebody(enum authorise_role role)
{
	return (struct authorise_who){ .user = ME, .role = role, .limited = true, .sees = groups, .n_sees = 4 };
}

static int meant(char sign)
{
	return sign == 'y' ? 0 : sign == '-' ? -EACCES : -ENOENT;
}

static void every_request_by_every_role_on_own_and_foreign(void **state)
{
	const struct authorise_what own = { ME, MINE }, foreign = { OTHER, THEIRS };

	assert_int_equal(sizeof(matrix) / sizeof(*matrix), AUTHORISE_REQUEST_COUNT);
	for (int i = 0; i < AUTHORISE_REQUEST_COUNT; i++) {
		const struct expected *e = &matrix[i];

		assert_int_equal(e->request, i);
		assert_non_null(authorise_request_name(e->request));
		for (int role = AUTHORISE_VIEWER; role <= AUTHORISE_ADMINISTRATOR; role++) {
			struct authorise_who who = somebody(role);

			assert_int_equal(authorise(&who, e->request, e->foreign ? &own : NULL), meant(e->own[role - 1]));
			assert_int_equal(authorise(&who, e->request, e->foreign ? NULL : &own), -EINVAL);
			if (e->foreign)
				assert_int_equal(authorise(&who, e->request, &foreign), meant(e->foreign[role - 1]));
		}
	}
}

static void nobody_may_nothing(void **state)
{
	const struct authorise_what own = { ME, MINE };

	for (int i = 0; i < AUTHORISE_REQUEST_COUNT; i++) {
		const struct authorise_what *what = matrix[i].foreign ? &own : NULL;
		struct authorise_who who = somebody(AUTHORISE_NONE);

		assert_int_equal(authorise(&who, i, what), -EACCES);
		who.role = AUTHORISE_ADMINISTRATOR + 1;
		assert_int_equal(authorise(&who, i, what), -EACCES);
		who.role = AUTHORISE_ADMINISTRATOR;
		who.disabled = true;
		assert_int_equal(authorise(&who, i, what), -EACCES);
	}
}

static void who_is_not_limited_sees_all(void **state)
{
	struct authorise_who who = { .user = ME, .role = AUTHORISE_INVESTIGATOR };
	const struct authorise_what elsewhere = { OTHER, THEIRS }, nowhere = { 0, 0 };

	assert_int_equal(authorise(&who, AUTHORISE_CAPTURE, &elsewhere), 0);
	assert_int_equal(authorise(&who, AUTHORISE_CAPTURE, &nowhere), 0);
	who.limited = true; /* in a group that sees nothing */
	assert_int_equal(authorise(&who, AUTHORISE_CAPTURE, &elsewhere), -ENOENT);
	assert_int_equal(authorise(&who, AUTHORISE_CAPTURE, &nowhere), -ENOENT);
}

static void nobodys_is_not_mine(void **state)
{
	struct authorise_who who = { .user = 0, .role = AUTHORISE_INVESTIGATOR };
	const struct authorise_what nobodys = { 0, 0 };

	assert_int_equal(authorise(&who, AUTHORISE_OWN_PASSWORD, &nobodys), -ENOENT);
	assert_int_equal(authorise(&who, AUTHORISE_CLOSE_SESSION, &nobodys), -ENOENT);
}

static void roles_have_names(void **state)
{
	const struct authorise_who administrator = { .role = AUTHORISE_ADMINISTRATOR };

	for (int role = AUTHORISE_VIEWER; role <= AUTHORISE_ADMINISTRATOR; role++)
		assert_int_equal(authorise_role_named(authorise_role_name(role)), role);
	assert_null(authorise_role_name(AUTHORISE_NONE));
	assert_null(authorise_role_name(AUTHORISE_ADMINISTRATOR + 1));
	assert_int_equal(authorise_role_named("root"), AUTHORISE_NONE);
	assert_null(authorise_request_name(AUTHORISE_REQUEST_COUNT));
	assert_int_equal(authorise(&administrator, AUTHORISE_REQUEST_COUNT, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_by_every_role_on_own_and_foreign),
		cmocka_unit_test(nobody_may_nothing),
		cmocka_unit_test(who_is_not_limited_sees_all),
		cmocka_unit_test(nobodys_is_not_mine),
		cmocka_unit_test(roles_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
