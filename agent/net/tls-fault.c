#include "agent/net/tls.h"

const char *tls_fault_text(enum tls_fault fault)
{
	static const char *const texts[TLS_FAULTS] = {
		[TLS_SOUND] = "nothing is wrong",
		[TLS_NO_CERTIFICATE] = "it shows no certificate",
		[TLS_BAD_CERTIFICATE] = "its certificate is malformed or of a kind that is not accepted",
		[TLS_WEAK] = "its key is too weak",
		[TLS_EXPIRED] = "its certificate has expired",
		[TLS_NOT_YET_VALID] = "its certificate is not valid yet",
		[TLS_WRONG_NAME] = "its certificate is for another name",
		[TLS_UNKNOWN_AUTHORITY] = "its certificate is not from the authority we trust",
		[TLS_WRONG_USE] = "its certificate is for another purpose",
		[TLS_REVOKED] = "its key is revoked",
		[TLS_OTHER_KEY] = "its key is not the one we know",
		[TLS_REFUSED] = "it refused the connection",
		[TLS_NOTHING_COMMON] = "it speaks no version or cipher of TLS that we do",
		[TLS_BROKEN] = "what it sends is not sound TLS",
	};

	return texts[fault < TLS_FAULTS ? fault : TLS_BROKEN];
}
