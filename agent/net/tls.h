/* tls: TLS 1.2 over BearSSL as a state machine over bytes, client and server, no I/O: what comes from the network goes in,
 * what is for the network gathers in a buffer. The only file that knows BearSSL.
 *
 * Spoken are ECDHE with AES-GCM or ChaCha20-Poly1305, EC (P-256, P-384) and RSA (2048 bits and more) certificates, SHA-2
 * only; no renegotiation, no resumption, nothing older. A peer is known by its key: the SHA-256 of its public key as it
 * stands in the certificate (SubjectPublicKeyInfo), never by what it says. Whom to trust is either one authority, or one
 * exact key. A server's name is always checked against a configured DNS name, also when it was dialled by address; an
 * address is no name. */
#pragma once

#include "agent/base/buf.h"

enum { TLS_KEY = 32, TLS_MAX_UNIT = 64, TLS_MAX_NAME = 253 };

/* ---- who we are, whom we trust: made once, used by any number of connections, which they must outlive ---- */

struct tls_identity;
/* Certificates (ours, then those up to the authority, at most 4) and the private key (EC or RSA; PKCS #8 or the older
 * forms; not encrypted), as PEM. 0; -EINVAL: no such thing; -EKEYREJECTED: the key is not the first certificate's;
 * -ENOMEM. */
int tls_identity_parse(struct span certificates, struct span key, struct tls_identity **ret);
void tls_identity_free(struct tls_identity *i); /* NULL is fine; the key is wiped */
const unsigned char *tls_identity_key(const struct tls_identity *i); /* TLS_KEY bytes */

/* A new elliptic key on P-256. *ret_key: PKCS #8 as PEM, for the owner to wipe (buf_wipe); *ret_public: its public half, as
 * it will stand in a certificate (SubjectPublicKeyInfo, DER). Both are appended to. 0, -ENOMEM, or the errno of getrandom. */
int tls_key_new(struct buf *ret_key, struct buf *ret_public);

struct tls_authority;
/* One certificate as PEM: of an authority, or of the very server (self-signed). 0, -EINVAL, -ENOMEM. */
int tls_authority_parse(struct span certificate, struct tls_authority **ret);
void tls_authority_free(struct tls_authority *a);

struct tls_policy {
	const struct tls_identity *identity;   /* NULL: none; a server needs one */
	/* Whom the peer must be: exactly one of the two for a client. A server that has neither asks for no certificate;
	 * it takes no pin. */
	const struct tls_authority *authority;
	const unsigned char *pin;              /* TLS_KEY bytes: the peer's key; its certificate says nothing else */
	bool may_show_none;                    /* server: who shows no certificate is let in: tls_peer_key is NULL then */
	const char *unit;                      /* with authority: the organisational unit (OU) of the peer, or NULL */
	/* Asked for every key that is otherwise right; true: revoked. NULL: none is. */
	bool (*is_revoked)(const unsigned char key[TLS_KEY], void *data);
	void *data;
};

/* ---- a connection ---- */

enum tls_fault {
	TLS_SOUND,
	/* the peer's certificate: -EKEYREJECTED */
	TLS_NO_CERTIFICATE,
	TLS_BAD_CERTIFICATE, /* malformed, too large, or made in a way that is not accepted */
	TLS_WEAK,
	TLS_EXPIRED,
	TLS_NOT_YET_VALID,
	TLS_WRONG_NAME,
	TLS_UNKNOWN_AUTHORITY,
	TLS_WRONG_USE,       /* another unit, or a key that may not sign */
	TLS_REVOKED,
	TLS_OTHER_KEY,       /* not the pinned one; tls_peer_key tells which */
	/* all else: -EPROTO */
	TLS_REFUSED,         /* the peer ended it: tls_alert */
	TLS_NOTHING_COMMON,  /* version or cipher suite */
	TLS_BROKEN,          /* not TLS, damaged, or against the protocol */
	TLS_FAULTS,
};

struct tls;

/* name: a DNS name, as of the server's certificate; with a pin it only is what the server is told. now: ms UTC. The hello
 * is in the output at once. 0; -EINVAL: the policy or the name (empty, too long, an address) makes no sense; -ENOMEM. */
int tls_client_new(const struct tls_policy *policy, const char *name, int64_t now, struct tls **ret);
int tls_server_new(const struct tls_policy *policy, int64_t now, struct tls **ret);
void tls_free(struct tls *t); /* NULL is fine */

/* Takes bytes from the network; what they say is appended to `plain`: nothing before the handshake is over. 0; for good:
 * -EKEYREJECTED (tls_fault tells why), -EPROTO, -ENOMEM. There may be output to send also then. */
int tls_feed(struct tls *t, struct span bytes, struct buf *plain);
/* To be sent, and to be consumed from once it was. */
struct buf *tls_output(struct tls *t);
/* The handshake is over and the peer is who it must be. */
bool tls_is_open(const struct tls *t);
/* The peer said that nothing more comes: an end without it was cut. */
bool tls_is_ended(const struct tls *t);
/* Appends to the output. 0; -EAGAIN before the handshake is over; -EPIPE after its end; -ENOMEM. */
int tls_put(struct tls *t, struct span plain);
/* Says that nothing more comes from us. */
void tls_end(struct tls *t);

/* What the peer's certificate said, also of one that was refused; NULL when it was not that far. */
const unsigned char *tls_peer_key(const struct tls *t);
/* Its organisational unit, "" for none. Only what the authority signed is told. */
const char *tls_peer_unit(const struct tls *t);
enum tls_fault tls_fault(const struct tls *t);
unsigned tls_alert(const struct tls *t); /* of TLS_REFUSED: RFC 5246 section 7.2 */
const char *tls_fault_text(enum tls_fault fault); /* "its certificate has expired" */
