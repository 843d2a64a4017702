/* run: the server from its start to its end. */
#pragma once

/* config NULL: the usual file, if it is there. CMD_OK, or CMD_FAILED told. */
int run(const char *config, const char *data);
