/* Two keys that guard nothing, with certificates that say nothing: the app knows servers by their key. */
#include "tests/unit/gui/fake-server.h"

#include <stdlib.h>

static const char *const keys[] = {
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/gCh3+0FQGziOLXg\n"
	"e9fKg64uxP0ci7v8RDZRyLQ2PHWhRANCAATMum2jMD43bhmOaVTjk7WMUF9NSTtR\n"
	"xLIK0Hu30ITiUgBGrj9MIVswR04c6UwFd+cRgPYuqxV5VFIPcwBwiYjB\n"
	"-----END PRIVATE KEY-----\n",
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZOFZuNf3zCVSlX6L\n"
	"PkEc+ggxvn0oYwAabygRqcBqAkWhRANCAATKtqIqitA0nqPcgSTHdhV3XUsHsjMD\n"
	"izbHbJEv9zvtxBr7edhhp4utu502BT7cBwAlXpB5pcOTdeVAnEIpe3y2\n"
	"-----END PRIVATE KEY-----\n",
};
static const char *const certificates[] = {
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBdjCCARugAwIBAgIUbmIHRtApxspb3ImGHgDoacRfYaYwCgYIKoZIzj0EAwIw\n"
	"DzENMAsGA1UEAwwEZmFrZTAgFw0yNjExMjUxMzQ4NDNaGA8yMTI2MTEwMTEzNDg0\n"
	"M1owDzENMAsGA1UEAwwEZmFrZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMy6\n"
	"baMwPjduGY5pVOOTtYxQX01JO1HEsgrQe7fQhOJSAEauP0whWzBHThzpTAV35xGA\n"
	"9i6rFXlUUg9zAHCJiMGjUzBRMB0GA1UdDgQWBBQPOIxkdjx7AuO9nAIm4tEJfJ1W\n"
	"zDAfBgNVHSMEGDAWgBQPOIxkdjx7AuO9nAIm4tEJfJ1WzDAPBgNVHRMBAf8EBTAD\n"
	"AQH/MAoGCCqGSM49BAMCA0kAMEYCIQCSTdw4S3Ibpj+02ZKtmswfbD9kH5Y6buUQ\n"
	"aD80y/JRPAIhAN/R4CDd4/FJGjOF2bJ0aINuQp0IGc7FnK4lLv7bhqf6\n"
	"-----END CERTIFICATE-----\n",
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBdjCCARugAwIBAgIUd5awt3wv+UzkuSVH15vdr6RAAtMwCgYIKoZIzj0EAwIw\n"
	"DzENMAsGA1UEAwwEZmFrZTAgFw0yNjExMjUxMzQ4NDNaGA8yMTI2MTEwMTEzNDg0\n"
	"M1owDzENMAsGA1UEAwwEZmFrZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMq2\n"
	"oiqK0DSeo9yBJMd2FXddSweyMwOLNsdskS/3O+3EGvt52GGni627nTYFPtwHACVe\n"
	"kHmlw5N15UCcQil7fLajUzBRMB0GA1UdDgQWBBSzx3Kk83y5kN7g/z3jYpf+8k7A\n"
	"jjAfBgNVHSMEGDAWgBSzx3Kk83y5kN7g/z3jYpf+8k7AjjAPBgNVHRMBAf8EBTAD\n"
	"AQH/MAoGCCqGSM49BAMCA0kAMEYCIQDTIlVhR02r11yNHhIeLCGxNqMHCwSehZRc\n"
	"yi3Z9gddgwIhAOp/nvq3jFbPhphHXp3WclOQCQvc1TVcQ4yuNLc5MeuK\n"
	"-----END CERTIFICATE-----\n",
};

struct tls_identity *fake_server_identity(unsigned which)
{
	struct tls_identity *i;

	if (tls_identity_parse(span_of(certificates[which]), span_of(keys[which]), &i) < 0)
		abort();
	return i;
}
