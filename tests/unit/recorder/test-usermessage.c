#include "tests/unit/test.h"

#include "recorder/usermessage.h"

static struct arena arena;

static void check(const struct usermessage *m, const char *key, const char *want)
{
	struct span got = usermessage_string(m, span_of(key), &arena);

	assert_true(want ? span_eq(got, span_of(want)) : !got.p);
}

static void fields_of_today(void **state)
{
	struct usermessage m;

	usermessage_parse(SPAN("pid=1298 uid=0 auid=1000 ses=1 subj=x msg='op=PAM:session_open grantors=pam_unix "
	                       "acct=28696E76616C6964207573657229 exe=\"/usr/sbin/sshd\" hostname=? addr=192.0.2.1 terminal=ssh "
	                       "res=success'\035UID=\"root\" AUID=\"ann\""), &m);
	assert_int_equal(m.kernel.pid, 1298);
	assert_int_equal(m.kernel.session, 1);
	check(&m, "acct", "(invalid user)");
	check(&m, "hostname", NULL);
	check(&m, "addr", "192.0.2.1");
	assert_true(span_eq(usermessage_operation(&m), SPAN("PAM:session_open")));
	assert_int_equal(usermessage_result(&m), 1);
	assert_true(span_eq(m.kernel.enrichment, SPAN("UID=\"root\" AUID=\"ann\"")));
}

static void words_of_an_operation(void **state)
{
	struct usermessage m;

	usermessage_parse(SPAN("pid=1 msg='op=changing user shell acct=\"gdm\" exe=\"/usr/sbin/usermod\" res=failed'"), &m);
	assert_true(span_eq(usermessage_operation(&m), SPAN("changing user shell")));
	assert_int_equal(usermessage_result(&m), 0);
}

static void an_old_pam_encodes_nothing(void **state)
{
	struct usermessage m;

	usermessage_parse(SPAN("user pid=15 uid=0 auid=500 msg='PAM: authentication acct=cafe : exe=\"/bin/su\" (hostname=?, "
	                       "addr=?, terminal=pts/1 res=success)'"), &m);
	check(&m, "acct", "cafe");
	check(&m, "terminal", "pts/1");
	check(&m, "addr", NULL);
	assert_true(span_eq(usermessage_operation(&m), SPAN("PAM: authentication")));
	assert_int_equal(usermessage_result(&m), 1);
}

static void a_program_cannot_pose_as_the_kernel(void **state)
{
	struct usermessage m;

	usermessage_parse(SPAN("pid=5 uid=1000 msg='op=x pid=1 uid=0 auid=0'"), &m);
	assert_int_equal(m.kernel.pid, 5);
	assert_int_equal(m.kernel.uid, 1000);
	assert_int_equal(m.kernel.auid, -1);
}

/* Every way to cut a message short, and quotes that are never closed. */
static void any_text(void **state)
{
	static const char whole[] = "pid=5 uid=0 msg='op=a b acct=\"x exe=\"/s\" addr=1, (terminal= res=' res=success'";
	struct usermessage m;

	for (size_t n = 0; n < sizeof(whole); n++) {
		usermessage_parse((struct span){ whole, n }, &m);
		usermessage_operation(&m);
		usermessage_string(&m, SPAN("acct"), &arena);
		usermessage_string(&m, SPAN("res"), &arena);
		assert_in_range(usermessage_result(&m) + 1, 0, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_of_today), cmocka_unit_test(words_of_an_operation),
		cmocka_unit_test(an_old_pam_encodes_nothing), cmocka_unit_test(a_program_cannot_pose_as_the_kernel),
		cmocka_unit_test(any_text),
	};
	int r = cmocka_run_group_tests_name("usermessage", tests, NULL, NULL);

	arena_free(&arena);
	return r;
}
