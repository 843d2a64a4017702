/* module-signature: who signed a kernel module, as far as the file says so: the signature that stands behind the module
 * (struct module_signature of the kernel's include/linux/module_signature.h; a PKCS#7 SignedData, RFC 2315). Whether it
 * is right is not checked: the kernel did, or was told not to. Files are hostile.
 */
#pragma once

#include "agent/base/arena.h"

enum { MODULE_SIGNATURE_MAX = 64 << 10 }; /* longer ones are "unreadable" */

struct module_signature {
	struct span status; /* "signed", "unsigned", or why that is not known; static */
	struct span signer; /* common name of the issuer, else "key HEX"; in the arena; absent when it is not told */
};

/* `end`: the last bytes of the module, or all of it; MODULE_SIGNATURE_MAX are enough. */
void module_signature_parse(struct span end, struct arena *arena, struct module_signature *ret);
/* The same for a file, from where the descriptor stands on (-1: "unreadable"): plain, .zst or .gz by its name; of .xz only
 * that it was not read. */
void module_signature_read(int fd, struct span name, struct arena *arena, struct module_signature *ret);
