/* certificate: makes keys and certificates, through GnuTLS. All as PEM text, malloc'd.
 *
 * What is made here is what agent/net can check: elliptic keys on P-256 (or RSA by wish), SHA-256, names as DNS names in
 * the subject alternative name, never addresses (BearSSL looks at none). Calls return 0 or a negative errno, with one
 * line for people in *ret_error (malloc'd; may be NULL) where they have it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "agent/base/span.h"

enum { CERTIFICATE_KEY_ID = 65, CERTIFICATE_NAMES_MAX = 32 };
/* What a certificate is for: its organisational unit (agent/net/tls.h checks it; BearSSL ignores extended key usage). */
#define CERTIFICATE_SERVER "server"
#define CERTIFICATE_AGENT "agent"

/* bits 0: an elliptic key, else RSA of that many (2048 to 8192). -EINVAL other. */
int certificate_key_new(unsigned bits, char **ret_pem);
/* An authority: it may sign certificates, nothing else. now and days: valid from a day before now on. */
int certificate_authority_new(const char *common_name, const char *key, int64_t now, int days, char **ret_pem,
                              char **ret_error);
/* A server's, for DNS names (the first is the common name too). -EINVAL a name that is none. */
int certificate_server_new(const char *authority, const char *authority_key, const char *key, const char *const *names,
                           size_t n, int64_t now, int days, char **ret_pem, char **ret_error);
/* For an endpoint's key (a SubjectPublicKeyInfo in DER, at most 1 KiB): its purpose is to be a client. Keys of less than
 * 2048 bits RSA or other curves than P-256 and P-384 are -EINVAL. That it holds the key its every connection shows. */
int certificate_agent_new(const char *authority, const char *authority_key, struct span key, const char *common_name,
                          int64_t now, int days, char **ret_pem, char **ret_error);
/* May it be such a key? 0, -EINVAL. */
int certificate_agent_key_check(struct span key, char **ret_error);

/* Who it is: SHA-256 over the certificate's public key (SubjectPublicKeyInfo), hexadecimal. */
int certificate_key_id(const char *pem, char out[CERTIFICATE_KEY_ID]);
/* A certificate (or chain, the server's first) and its key: -EINVAL when they do not belong together, are no server's, or
 * expired at `now`. */
int certificate_check_pair(const char *pem, const char *key, int64_t now, char **ret_error);
/* A DNS name of at most 253 bytes in labels of at most 63, or one with a first label "*"; no address. */
bool certificate_is_name(const char *name);
