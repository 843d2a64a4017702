/* live-server: a server on loopback for the tests of the app, with computed recordings that grow when it is told to. Prints
 * its port and fingerprint; then does what lines on its standard input say: "grow N", "cut" (the sessions), "drop" (all
 * connections), "hold" (snapshots), "key" (starts anew with another key), and ends with them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/fdm.h"
#include "tests/unit/gui/fake-reader.h"
#include "tests/unit/gui/fake-server.h"

static struct fdm *fdm;
static struct fake_server *server;
static struct tls_identity *identity;
static struct fake_reader_stats stats;

static struct reader *open_reader(void *data)
{
	return fake_reader_new(1000, &stats);
}

static void start(unsigned which, uint16_t port)
{
	struct fake_server_config config = { .fdm = fdm, .port = port, .open = open_reader };

	identity = fake_server_identity(which);
	config.identity = identity;
	server = fake_server_new(&config);
}

static void start_anew(void)
{
	uint16_t port = fake_server_port(server);

	fake_server_free(server);
	tls_identity_free(identity);
	start(1, port);
}

static int on_line(struct fdm *loop, int fd, uint32_t events, void *data)
{
	char line[64];

	if (!fgets(line, sizeof(line), stdin))
		return fdm_quit(loop), 0;
	if (strncmp(line, "grow ", 5) == 0)
		stats.grown += (unsigned)strtoul(line + 5, NULL, 10);
	else if (strcmp(line, "cut\n") == 0)
		fake_server_cut(server, false);
	else if (strcmp(line, "drop\n") == 0)
		fake_server_cut(server, true);
	else if (strcmp(line, "hold\n") == 0)
		fake_server_hold(server);
	else if (strcmp(line, "key\n") == 0)
		start_anew();
	printf("done\n");
	fflush(stdout);
	return 0;
}

int main(void)
{
	fdm = fdm_new();
	start(0, 0);
	printf("%u ", fake_server_port(server));
	for (unsigned i = 0; i < TLS_KEY; i++)
		printf("%02X", tls_identity_key(identity)[i]);
	printf("\n");
	fflush(stdout);
	setvbuf(stdin, NULL, _IONBF, 0);
	if (fdm_add(fdm, 0, EPOLLIN, on_line, NULL) < 0 || fdm_run(fdm) < 0)
		return 1;
	fake_server_free(server);
	tls_identity_free(identity);
	fdm_free(fdm);
	return 0;
}
