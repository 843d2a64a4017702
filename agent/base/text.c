#include "agent/base/text.h"

#include <locale.h>
#include <pthread.h>
#include <wchar.h>
#include <wctype.h>

/* Decodes one code point at s (n > 0). Returns its length, or 0 when the bytes are not valid UTF-8. */
static size_t decode(const unsigned char *s, size_t n, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	uint32_t c;

	if (len == 1) {
		*ret = s[0];
		return 1;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4 || n < len)
		return 0;
	c = s[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return len;
}

static size_t encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static size_t ascii_run(struct span s, size_t i)
{
	size_t from = i;

	while (i < s.n && (unsigned char)s.p[i] < 0x80)
		i++;
	return i - from;
}

bool text_is_utf8(struct span s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t c;
		size_t len;

		i += ascii_run(s, i);
		if (i == s.n)
			break;
		len = decode((const unsigned char *)s.p + i, s.n - i, &c);
		if (len == 0)
			return false;
		i += len;
	}
	return true;
}

/* Controls that change how their neighbours look: zero width, line and bidirectional ones (UAX #9), BOM, tags. */
static bool is_deceptive(uint32_t c)
{
	return c == 0xad || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

size_t text_hidden(struct span s, uint32_t *ret)
{
	uint32_t c = 0;
	size_t len = s.n ? decode((const unsigned char *)s.p, s.n, &c) : 0;

	if (len == 0 || !(c < 0x20 || (c >= 0x7f && c < 0xa0) || is_deceptive(c)))
		return 0;
	*ret = c;
	return len;
}

static void add_visible(struct buf *out, uint32_t c, const char *bytes, size_t len)
{
	if (c == '\n')
		buf_add_z(out, "\\n");
	else if (c == '\t')
		buf_add_z(out, "\\t");
	else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		buf_printf(out, "\\x%02x", (unsigned)c);
	else if (is_deceptive(c))
		buf_printf(out, "\\u{%x}", (unsigned)c);
	else
		buf_add(out, bytes, len);
}

void text_visible(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t c;
		size_t len = decode((const unsigned char *)s.p + i, s.n - i, &c);

		if (len == 0) {
			buf_printf(out, "\\x%02x", (unsigned)(unsigned char)s.p[i]);
			len = 1;
		} else {
			add_visible(out, c, s.p + i, len);
		}
		i += len;
	}
}

static locale_t fold_locale;
static pthread_once_t fold_once = PTHREAD_ONCE_INIT;

static void make_fold_locale(void)
{
	fold_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* The same in every program, whatever locale it runs in. */
static uint32_t fold_wide(uint32_t c)
{
	pthread_once(&fold_once, make_fold_locale);
	return (uint32_t)(fold_locale ? towlower_l((wint_t)c, fold_locale) : towlower((wint_t)c));
}

/* Folds the code point at s into out (at most 4 bytes); returns its length in s, *ret_n the length in out. */
static size_t fold_one(const char *s, size_t n, char out[4], size_t *ret_n)
{
	unsigned char b = (unsigned char)s[0];
	uint32_t c;
	size_t len;

	*ret_n = 1;
	if (b < 0x80) {
		out[0] = (char)(b >= 'A' && b <= 'Z' ? b | 0x20 : b);
		return 1;
	}
	len = decode((const unsigned char *)s, n, &c);
	if (len == 0) {
		out[0] = s[0];
		return 1;
	}
	*ret_n = encode(fold_wide(c), out);
	return len;
}

void text_fold(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n;) {
		char folded[4];
		size_t n;

		i += fold_one(s.p + i, s.n - i, folded, &n);
		buf_add(out, folded, n);
	}
}

/* Does the text from s on start with the folded prefix? *ret_used = bytes of s that took. */
static bool match_here(struct span s, struct span prefix, size_t *ret_used)
{
	size_t i = 0, k = 0;

	while (k < prefix.n) {
		char folded[4];
		size_t n;

		if (i == s.n)
			return false;
		i += fold_one(s.p + i, s.n - i, folded, &n);
		if (n > prefix.n - k || memcmp(folded, prefix.p + k, n) != 0)
			return false;
		k += n;
	}
	*ret_used = i;
	return true;
}

bool text_starts_folded(struct span s, struct span prefix)
{
	size_t used;

	return match_here(s, prefix, &used);
}

bool text_equals_folded(struct span s, struct span other)
{
	size_t used;

	return match_here(s, other, &used) && used == s.n;
}

/* Finds either case of an ASCII letter fast; any start byte when the needle's first is not ASCII. */
static size_t next_candidate(struct span s, size_t i, unsigned char first)
{
	if (first >= 0x80)
		return i;
	for (; i < s.n; i++) {
		unsigned char b = (unsigned char)s.p[i];

		if (b == first || (b >= 'A' && b <= 'Z' && (b | 0x20) == first) || b >= 0x80)
			return i;
	}
	return s.n;
}

bool text_contains_folded(struct span haystack, struct span needle)
{
	size_t used;

	if (needle.n == 0)
		return true;
	for (size_t i = 0; i < haystack.n; i++) {
		i = next_candidate(haystack, i, (unsigned char)needle.p[0]);
		if (i < haystack.n && match_here((struct span){ haystack.p + i, haystack.n - i }, needle, &used))
			return true;
	}
	return false;
}

bool text_ends_folded(struct span s, struct span suffix)
{
	size_t used;

	if (suffix.n == 0)
		return true;
	/* Folding may change lengths (at most 4 bytes to 1), so try each start that could fit. */
	for (size_t i = s.n > suffix.n * 4 ? s.n - suffix.n * 4 : 0; i < s.n; i++) {
		if (((unsigned char)s.p[i] & 0xc0) == 0x80 && text_is_utf8(s))
			continue;
		if (match_here((struct span){ s.p + i, s.n - i }, suffix, &used) && i + used == s.n)
			return true;
	}
	return false;
}

struct span text_cut(struct span s, size_t n)
{
	if (n >= s.n)
		return s;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return (struct span){ s.p, n };
}
