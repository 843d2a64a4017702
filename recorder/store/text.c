#include "recorder/store/text.h"

#include <errno.h>

#include "recorder/store/delta.h"
#include "recorder/store/sql.h"

#define ROTATE(x, n) ((x) << (n) | (x) >> (64 - (n)))

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = ROTATE(v[1], 13) ^ v[0];
	v[0] = ROTATE(v[0], 32);
	v[2] += v[3];
	v[3] = ROTATE(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = ROTATE(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = ROTATE(v[1], 17) ^ v[2];
	v[2] = ROTATE(v[2], 32);
}

static uint64_t load64(const unsigned char *p, size_t n)
{
	uint64_t x = 0;

	for (size_t i = 0; i < n; i++)
		x |= (uint64_t)p[i] << (8 * i);
	return x;
}

/* Eight bytes at once: 0x20 into every byte that is an upper-case ASCII letter. */
static uint64_t fold8(uint64_t x)
{
	uint64_t low = x & UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t from_a = low + UINT64_C(0x3f3f3f3f3f3f3f3f);  /* bit 7 set from 'A' on */
	uint64_t past_z = low + UINT64_C(0x2525252525252525);  /* bit 7 set past 'Z' */
	uint64_t upper = (from_a & ~past_z & ~x) & UINT64_C(0x8080808080808080);

	return x | upper >> 2;
}

static uint64_t sip(const struct text_key *key, struct span s, bool fold)
{
	const unsigned char *p = (const unsigned char *)s.p;
	uint64_t v[4] = { key->k[0] ^ UINT64_C(0x736f6d6570736575), key->k[1] ^ UINT64_C(0x646f72616e646f6d),
		key->k[0] ^ UINT64_C(0x6c7967656e657261), key->k[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t m;
	size_t at;

	for (at = 0; at + 8 <= s.n; at += 8) {
		memcpy(&m, p + at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		m = __builtin_bswap64(m);
#endif
		m = fold ? fold8(m) : m;
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	m = load64(p + at, s.n - at);
	m = (fold ? fold8(m) : m) | (uint64_t)s.n << 56;
	v[3] ^= m;
	sip_round(v);
	v[0] ^= m;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t text_hash(const struct text_key *key, struct span value)
{
	return sip(key, value, true);
}

uint64_t text_hash_exact(const struct text_key *key, struct span value)
{
	return sip(key, value, false);
}

int text_key_load(sqlite3 *db, struct text_key *ret)
{
	AUTO_STMT *s = NULL;
	struct span value;
	int r = sql_prepare(db, "SELECT value FROM meta WHERE key = 'text_key'", &s);
	int code;

	if (r < 0)
		return r;
	code = sqlite3_step(s);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? -EBADMSG : sql_error(code);
	value = sql_column(s, 0);
	if (value.n != TEXT_KEY_SIZE)
		return -EBADMSG;
	ret->k[0] = load64((const unsigned char *)value.p, 8);
	ret->k[1] = load64((const unsigned char *)value.p + 8, 8);
	return 0;
}

bool text_bucket_next(struct span *rest, int64_t *id, unsigned char *ret_tag)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	uint64_t delta = 0;
	size_t at = 1;
	int shift = 0;

	if (rest->n < 2)
		return false;
	for (; at < rest->n && shift < 63; shift += 7) {
		delta |= (uint64_t)(p[at] & 0x7f) << shift;
		if (!(p[at++] & 0x80))
			break;
	}
	if (delta == 0 || delta > (uint64_t)(INT64_MAX - *id) || (p[at - 1] & 0x80))
		return false;
	*ret_tag = p[0];
	*id += (int64_t)delta;
	rest->p += at;
	rest->n -= at;
	return true;
}

void text_bucket_add(struct buf *bucket, int64_t last_id, int64_t id, uint64_t hash)
{
	uint64_t delta = (uint64_t)(id - last_id);

	buf_add_char(bucket, (char)text_tag(hash));
	for (; delta >= 0x80; delta >>= 7)
		buf_add_char(bucket, (char)(delta | 0x80));
	buf_add_char(bucket, (char)delta);
}

int text_find(sqlite3 *db, struct span value, text_found_fn *fn, void *data)
{
	AUTO_STMT *s = NULL;
	struct text_key key;
	struct span rest;
	unsigned char tag;
	int64_t id = 0;
	uint64_t hash;
	int r, code;

	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] >= 0x80)
			return -EINVAL;
	r = text_key_load(db, &key);
	if (r == 0)
		r = sql_prepare(db, "SELECT texts FROM text_hash WHERE bucket = ?", &s);
	if (r < 0)
		return r;
	hash = text_hash(&key, value);
	sqlite3_bind_int64(s, 1, text_bucket(hash));
	code = sqlite3_step(s);
	if (code != SQLITE_ROW)
		return sql_error(code);
	rest = sql_column(s, 0);
	while (r == 0 && text_bucket_next(&rest, &id, &tag))
		if (tag == text_tag(hash))
			r = fn(id, data);
	return r;
}

int text_whole(int kind, struct span dir, struct span value, struct buf *out, struct span *ret)
{
	*ret = value;
	if (!dir.p || !value.p)
		return 0;
	buf_clear(out);
	if (kind == TEXT_COMMAND_LINE) {
		if (delta_undo(dir, value, out) == -EBADMSG)
			return 0;
	} else {
		buf_add_span(out, dir);
		if (!span_eq(dir, SPAN("/")))
			buf_add_char(out, '/');
		buf_add_span(out, value);
	}
	*ret = buf_span(out);
	return out->failed ? -ENOMEM : 0;
}
