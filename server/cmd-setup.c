#include "server/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/cleanup.h"
#include "agent/base/clock.h"
#include "agent/net/tls.h"
#include "server/authorise.h"
#include "server/certificate.h"
#include "server/password.h"
#include "server/place.h"

static const char help[] =
	"Usage: spoor-server setup [--selfsigned] [--cn NAME[,NAME...]] [--bits N] [--admin NAME] [--password-stdin]\n"
	"                          [--replace] [--data DIR]\n"
	"       spoor-server setup --cert FILE --key FILE [--admin NAME] [--password-stdin] [--replace] [--data DIR]\n\n"
	"Makes the data folder, certificates and the first administrator. Run again it makes what is missing, and asks before it\n"
	"replaces a certificate.\n\n"
	"  --selfsigned      certificates of its own (so it is without --cert)\n"
	"  --cn NAME,...     names under which the server is reached; else this host's name. Names, not addresses: clients check\n"
	"                    a name\n"
	"  --bits N          an RSA key of that many bits (2048 to 8192); else an elliptic one on P-256\n"
	"  --cert, --key     the server's certificate and key of your own, as PEM\n"
	"  --admin NAME      the first administrator (admin)\n"
	"  --password-stdin  the password is the first line of standard input; else it is asked for\n"
	"  --replace         replaces the server's certificate without asking\n"
	CMD_DATA_HELP
	"  --help            this text\n";

enum { AUTHORITY_DAYS = 3650, SERVER_DAYS = 825 };

struct arguments {
	const char *data, *cn, *bits, *cert, *key, *admin;
	bool selfsigned, password_stdin, replace;
	unsigned n_bits;
	int64_t now;
};

/* Paths in the data folder. */
struct files {
	char *db, *authority, *authority_key, *server;
};

static void free_files(struct files *f)
{
	free(f->db);
	free(f->authority);
	free(f->authority_key);
	free(f->server);
}

static int find_files(const char *folder, struct files *ret)
{
	*ret = (struct files){
		.db = place_path(folder, "server.db"),
		.authority = place_path(folder, "tls/authority.pem"), .authority_key = place_path(folder, "tls/authority.key"),
		.server = place_path(folder, "tls/server.pem"),
	};
	return ret->db && ret->authority && ret->authority_key && ret->server ? CMD_OK : cmd_fail_errno(folder, ENOMEM);
}

/* 1, 0, or CMD_FAILED told as -1: what cannot be seen is not missing. */
static int is_there(const char *path)
{
	if (access(path, F_OK) == 0)
		return 1;
	if (errno == ENOENT)
		return 0;
	cmd_fail_errno(path, errno);
	return -1;
}

static int write_file(const char *path, const char *text, bool secret)
{
	int r = place_write(path, text, secret);

	return r < 0 ? cmd_fail_errno(path, r) : CMD_OK;
}

/* In one file, so that they always belong together. */
static int write_server(const char *path, const char *crt, const char *key)
{
	AUTO_BUF both = BUF_INIT;
	struct tls_identity *identity = NULL;
	int r;

	buf_reserve(&both, strlen(crt) + strlen(key) + 3); /* at once: what grows leaves copies */
	buf_printf(&both, "%s\n%s\n", crt, key);
	r = both.failed ? -ENOMEM : tls_identity_parse(buf_span(&both), buf_span(&both), &identity);
	tls_identity_free(identity);
	if (r == -ENOMEM)
		r = cmd_fail_errno(path, r);
	else
		r = r < 0 ? cmd_fail("certificate and key", "the server cannot use them: an RSA or elliptic key (P-256, P-384, "
		                     "P-521) and at most 4 certificates are wanted, as PEM") : write_file(path, both.p, true);
	if (both.p)
		explicit_bzero(both.p, both.n);
	return r;
}

static int make_authority(const struct arguments *a, const struct files *f)
{
	AUTO_SECRET char *key = NULL;
	AUTO_FREE char *crt = NULL;
	AUTO_FREE char *error = NULL;
	int have_crt = is_there(f->authority), have_key = have_crt < 0 ? -1 : is_there(f->authority_key), r;

	if (have_key < 0)
		return CMD_FAILED;
	if (have_crt && !have_key)
		return cmd_fail(f->authority_key, "it is missing, and no endpoint trusts another: put it back (or move "
		                                  "authority.pem away, and enrol every endpoint anew)");
	if (have_crt) {
		printf("kept      %s\n", f->authority);
		return CMD_OK;
	}
	r = have_key ? place_read(f->authority_key, &key) : certificate_key_new(0, &key);
	if (r == 0)
		r = certificate_authority_new("Spoor endpoints", key, a->now, AUTHORITY_DAYS, &crt, &error);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno("authority", r);
	r = have_key ? CMD_OK : write_file(f->authority_key, key, true); /* first: a certificate is made for a key */
	if (r == CMD_OK)
		r = write_file(f->authority, crt, false);
	if (r == CMD_OK)
		printf("made      %s\n", f->authority);
	return r;
}

/* The names of --cn, or this host's, cut out of text: how many, at most one more than there may be. */
static size_t server_names(char *text, const char **names)
{
	size_t n = 0;
	char *save = NULL;

	for (char *name = strtok_r(text, ",", &save); name && n <= CERTIFICATE_NAMES_MAX; name = strtok_r(NULL, ",", &save))
		names[n++] = name;
	return n;
}

static int sign_server(const struct arguments *a, const struct files *f)
{
	AUTO_FREE char *authority = NULL;
	AUTO_SECRET char *authority_key = NULL;
	AUTO_SECRET char *key = NULL;
	AUTO_FREE char *crt = NULL;
	AUTO_FREE char *error = NULL;
	AUTO_FREE char *text = NULL;
	const char *names[CERTIFICATE_NAMES_MAX + 1];
	char host[256] = "";
	int r = a->cn || gethostname(host, sizeof(host) - 1) == 0 ? 0 : -errno;
	size_t n;

	text = strdup(a->cn ? a->cn : host);
	if (r < 0 || !text)
		return cmd_fail_errno("this host's name", r < 0 ? r : ENOMEM);
	n = server_names(text, names);
	r = place_read(f->authority, &authority);
	if (r == 0)
		r = place_read(f->authority_key, &authority_key);
	if (r < 0)
		return cmd_fail_errno(f->authority, r);
	r = certificate_key_new(a->n_bits, &key);
	if (r == 0)
		r = certificate_server_new(authority, authority_key, key, names, n, a->now, SERVER_DAYS, &crt, &error);
	if (r < 0)
		return error ? cmd_fail_line(error) : cmd_fail_errno("server's certificate", r);
	return write_server(f->server, crt, key);
}

static int take_server(const struct arguments *a, const struct files *f)
{
	AUTO_FREE char *crt = NULL;
	AUTO_SECRET char *key = NULL;
	AUTO_FREE char *error = NULL;
	int r = place_read(a->cert, &crt);

	if (r < 0)
		return cmd_fail_errno(a->cert, r);
	r = place_read(a->key, &key);
	if (r < 0)
		return cmd_fail_errno(a->key, r);
	if (certificate_check_pair(crt, key, a->now, &error) < 0)
		return cmd_fail(a->cert, error ? error : "out of memory");
	return write_server(f->server, crt, key);
}

static int make_server(const struct arguments *a, const struct files *f)
{
	int there = is_there(f->server);
	bool wished = a->cert || a->selfsigned || a->cn || a->bits;
	int r;

	if (there < 0)
		return CMD_FAILED;
	if (there && !(wished && (a->replace || cmd_ask_yes("Replace the server's certificate and key?")))) {
		printf("kept      %s%s\n", f->server, wished ? " (--replace makes a new one)" : "");
		return CMD_OK;
	}
	r = a->cert ? take_server(a, f) : sign_server(a, f);
	if (r == CMD_OK)
		printf("%s  %s\n", there ? "replaced" : "made    ", f->server);
	return r;
}

static int count_user(const struct depot_user *u, void *data)
{
	*(int *)data += u->role == AUTHORISE_ADMINISTRATOR && !u->disabled;
	return 0;
}

static int make_administrator(struct depot *d, const struct arguments *a)
{
	AUTO_SECRET char *password = NULL;
	AUTO_FREE char *hash = NULL;
	struct depot_user u = { .name = a->admin, .role = AUTHORISE_ADMINISTRATOR, .created_ms = a->now };
	const char *fault = cmd_name_fault(a->admin);
	int n = 0, r = depot_user_each(d, NULL, count_user, &n);

	if (r < 0)
		return cmd_fail_errno("users", r);
	if (n > 0) {
		printf("kept      %d administrator%s\n", n, n > 1 ? "s" : "");
		return CMD_OK;
	}
	if (fault)
		return cmd_fail(a->admin, fault);
	password = cmd_ask_password(a->admin, a->password_stdin);
	if (!password)
		return CMD_FAILED;
	r = password_hash(password, &hash);
	u.password = hash;
	if (r == 0)
		r = depot_user_put(d, &u, NULL);
	if (r < 0)
		return cmd_fail_depot(a->admin, r);
	printf("made      administrator %s\n", a->admin);
	return cmd_note(d, "add user", a->admin);
}

static int open_depot(const struct files *f, struct depot **ret)
{
	AUTO_FREE char *error = NULL;
	int there = is_there(f->db);

	if (there < 0)
		return CMD_FAILED;
	if (depot_open(f->db, true, ret, &error) < 0)
		return cmd_fail_line(error ? error : f->db);
	printf("%s      %s\n", there ? "kept" : "made", f->db);
	return CMD_OK;
}

static int tell_key(const struct files *f)
{
	AUTO_FREE char *crt = NULL;
	char id[CERTIFICATE_KEY_ID];
	int r = place_read(f->server, &crt);

	if (r == 0)
		r = certificate_key_id(crt, id);
	if (r < 0)
		return cmd_fail_errno(f->server, r);
	printf("\nThe server's key (SHA-256): %s\n\n"
	       "Next: spoor-server user add NAME          who may log in\n"
	       "      spoor-server token create           for each computer that is to enrol\n", id);
	return CMD_OK;
}

static int setup(const struct arguments *a)
{
	const char *folder = a->data ? a->data : PLACE_DEFAULT;
	CLEANUP(free_files) struct files f = { 0 };
	AUTO_FREE char *what = NULL;
	AUTO_DEPOT *d = NULL;
	int r = place_make(folder, &what);

	if (r == -EPERM)
		return cmd_fail(what ? what : folder, "others may write to it: nobody else must ever have been able to");
	if (r == -EXDEV)
		return cmd_fail(what ? what : folder, "it is another user's: run this as the one that the server runs as");
	if (r < 0)
		return cmd_fail_errno(what ? what : folder, r);
	r = find_files(folder, &f);
	if (r == CMD_OK)
		r = make_authority(a, &f);
	if (r == CMD_OK)
		r = make_server(a, &f);
	if (r == CMD_OK)
		r = open_depot(&f, &d);
	if (r == CMD_OK)
		r = make_administrator(d, a);
	return r == CMD_OK ? tell_key(&f) : r;
}

int cmd_setup(int argc, char **argv)
{
	struct arguments a = { .admin = "admin", .now = clock_now() };
	const struct options_option options[] = {
		{ "data", 0, NULL, &a.data }, { "cn", 0, NULL, &a.cn }, { "bits", 0, NULL, &a.bits }, { "cert", 0, NULL, &a.cert },
		{ "key", 0, NULL, &a.key }, { "admin", 0, NULL, &a.admin }, { "selfsigned", 0, &a.selfsigned, NULL },
		{ "password-stdin", 0, &a.password_stdin, NULL }, { "replace", 0, &a.replace, NULL }, { NULL, 0, NULL, NULL },
	};
	uint64_t bits = 0;
	int r = cmd_take(help, options, argc, argv, 0, NULL);

	if (r != CMD_GO_ON)
		return r;
	if (!a.cert != !a.key)
		return cmd_usage_error("setup", "--cert and --key go together");
	if (a.cert && (a.selfsigned || a.cn || a.bits))
		return cmd_usage_error("setup", "--selfsigned, --cn and --bits are for a certificate that is made here");
	if (a.bits && (span_to_u64(span_of(a.bits), &bits) < 0 || bits < 2048 || bits > 8192))
		return cmd_usage_error("setup", "--bits wants a number from 2048 to 8192");
	a.n_bits = (unsigned)bits;
	return setup(&a);
}
