#include "agent/net/certificate.h"

#include <errno.h>

#include "agent/base/clock.h"

enum { SEQUENCE = 0x30, INTEGER = 0x02, VERSION = 0xa0, UTC_TIME = 0x17, GENERALIZED_TIME = 0x18 };

/* One element of DER: `whole` with its head, `value` without. */
struct element {
	unsigned tag;
	struct span whole, value;
};

/* Cuts the next element off *rest. Lengths must be in their shortest form. */
static int next(struct span *rest, struct element *ret)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	size_t n, head = 2;

	if (rest->n < 2 || (p[0] & 0x1f) == 0x1f)
		return -EINVAL;
	n = p[1];
	if (n >= 0x80) {
		size_t more = n & 0x7f;

		if (more == 0 || more > 3 || rest->n < 2 + more || p[2] == 0)
			return -EINVAL;
		n = 0;
		for (size_t i = 0; i < more; i++)
			n = n << 8 | p[2 + i];
		head += more;
		if (n < 0x80)
			return -EINVAL;
	}
	if (n > rest->n - head)
		return -EINVAL;
	*ret = (struct element){ p[0], { rest->p, head + n }, { rest->p + head, n } };
	rest->p += head + n;
	rest->n -= head + n;
	return 0;
}

static int next_is(struct span *rest, unsigned tag, struct element *ret)
{
	int r = next(rest, ret);

	return r < 0 ? r : ret->tag == tag ? 0 : -EINVAL;
}

static bool digits(struct span *s, size_t n, int *ret)
{
	uint64_t v;

	if (s->n < n || span_to_u64((struct span){ s->p, n }, &v) < 0)
		return false;
	s->p += n;
	s->n -= n;
	*ret = (int)v;
	return true;
}

/* YYMMDDHHMMSSZ until 2049, else YYYYMMDDHHMMSSZ (section 4.1.2.5). */
static int read_time(struct span *rest, int64_t *ret)
{
	struct clock_fields f = { 0 };
	struct element e;

	if (next(rest, &e) < 0 || (e.tag != UTC_TIME && e.tag != GENERALIZED_TIME))
		return -EINVAL;
	if (!digits(&e.value, e.tag == UTC_TIME ? 2 : 4, &f.year) || !digits(&e.value, 2, &f.month) ||
	    !digits(&e.value, 2, &f.day) || !digits(&e.value, 2, &f.hour) || !digits(&e.value, 2, &f.minute) ||
	    !digits(&e.value, 2, &f.second) || !span_eq(e.value, SPAN("Z")))
		return -EINVAL;
	if (e.tag == UTC_TIME)
		f.year += f.year < 50 ? 2000 : 1900;
	if (f.month < 1 || f.month > 12 || f.day < 1 || f.day > 31 || f.hour > 23 || f.minute > 59 || f.second > 59)
		return -EINVAL;
	*ret = clock_join(f);
	return 0;
}

int certificate_find(struct span der, struct certificate *ret)
{
	struct certificate found;
	struct element outer, e;
	struct span body;

	/* Certificate, TBSCertificate */
	if (next_is(&der, SEQUENCE, &outer) < 0 || der.n || next_is(&outer.value, SEQUENCE, &e) < 0)
		return -EINVAL;
	body = e.value;
	/* version, serial number, signature algorithm, issuer */
	if (next_is(&body, VERSION, &e) < 0 || next_is(&body, INTEGER, &e) < 0 || next_is(&body, SEQUENCE, &e) < 0 ||
	    next_is(&body, SEQUENCE, &e) < 0)
		return -EINVAL;
	if (next_is(&body, SEQUENCE, &e) < 0 || read_time(&e.value, &found.not_before) < 0 ||
	    read_time(&e.value, &found.not_after) < 0)
		return -EINVAL;
	/* subject, key */
	if (next_is(&body, SEQUENCE, &e) < 0 || next_is(&body, SEQUENCE, &e) < 0)
		return -EINVAL;
	found.key = e.whole;
	*ret = found;
	return 0;
}
