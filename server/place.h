/* place: the server's data folder and what lies in it.
 *
 *   server.db        what it knows (server/depot.h)
 *   tls/             authority.pem and .key, which sign endpoints' certificates; server.pem: the server's own
 *                    certificates and their key in one file, so that they always belong together
 *   objects/         snapshots and files, named by their SHA-256
 *
 * All of it is the owner's alone (0700, keys 0600). */
#pragma once

#include <stdbool.h>

#define PLACE_DEFAULT "/var/lib/spoor-server"

/* The path of a name in the folder, malloc'd; NULL when memory is out. */
char *place_path(const char *folder, const char *name);
/* Makes the folder and those in it, where they are missing. 0; negative errno with the path that failed in *ret_what
 * (malloc'd): -ENOTDIR, -EPERM others may write to it, -EXDEV it is somebody else's, … One that others may only look into is
 * closed to them. */
int place_make(const char *folder, char **ret_what);
/* The whole text of a file of at most 1 MiB, malloc'd. 0 or negative errno; -EFBIG, -EINVAL not a regular file. */
int place_read(const char *path, char **ret_text);
/* Appears whole or not at all, mode 0600 (secret) or 0644; replaces what is there. 0 or negative errno. */
int place_write(const char *path, const char *text, bool secret);
