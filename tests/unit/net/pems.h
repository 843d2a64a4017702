/* pems: what make-certificates.py made. */
#pragma once

#include "agent/net/tls.h"

extern const char *pems_folder;

void pems_load(struct buf *out, const char *name, const char *ending);
/* As tls_identity_parse, with NAME.pem and KEY.key. */
int pems_parse_identity(const char *certificate, const char *key, struct tls_identity **ret);
struct tls_identity *pems_identity(const char *name);
struct tls_authority *pems_authority(const char *name);
