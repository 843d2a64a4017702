#include "agent/base/utf8.h"

static bool begin(struct utf8 *u, unsigned char c)
{
	u->low = 0x80;
	u->high = 0xbf;
	if (c < 0xc2 || c > 0xf4)
		return false;
	u->need = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	if (c == 0xe0)
		u->low = 0xa0; /* below: overlong */
	else if (c == 0xed)
		u->high = 0x9f; /* above: surrogates */
	else if (c == 0xf0)
		u->low = 0x90;
	else if (c == 0xf4)
		u->high = 0x8f;
	return true;
}

bool utf8_feed(struct utf8 *u, struct span piece)
{
	for (size_t i = 0; i < piece.n; i++) {
		unsigned char c = (unsigned char)piece.p[i];

		if (u->need == 0) {
			if (c >= 0x80 && !begin(u, c))
				return false;
			continue;
		}
		if (c < u->low || c > u->high)
			return false;
		u->low = 0x80;
		u->high = 0xbf;
		u->need--;
	}
	return true;
}
