#include "recorder/path.h"

#include <sys/sysmacros.h>

static uint32_t octal(struct span s)
{
	uint32_t v = 0;

	for (size_t i = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '7'; i++)
		v = v << 3 | (uint32_t)(s.p[i] - '0');
	return v;
}

static enum path_nametype nametype_of(struct span s)
{
	if (span_eq(s, SPAN("NORMAL")))
		return PATH_NORMAL;
	if (span_eq(s, SPAN("PARENT")))
		return PATH_PARENT;
	if (span_eq(s, SPAN("DELETE")))
		return PATH_DELETE;
	if (span_eq(s, SPAN("CREATE")))
		return PATH_CREATE;
	return PATH_UNKNOWN;
}

/* Kernels before 3.10 have no nametype: such items are PATH_UNKNOWN. */
uint64_t path_device(struct span s)
{
	struct span first;
	uint64_t a, b;

	if (!span_next(&s, ':', &first) || span_hex_to_u64(first, &a) < 0 || span_hex_to_u64(s, &b) < 0)
		return 0;
	return makedev((unsigned)a, (unsigned)b);
}

void path_item_parse(struct span body, struct path_item *ret)
{
	struct record_field f;
	uint64_t v;

	memset(ret, 0, sizeof(*ret));
	ret->owner = ret->group = UINT32_MAX;
	while (record_next(&body, &f)) {
		if (span_eq(f.key, SPAN("item")) && span_to_u64(f.value, &v) == 0 && v <= UINT32_MAX) {
			ret->item = (uint32_t)v;
		} else if (span_eq(f.key, SPAN("name")) && !ret->name.key.p) {
			ret->name = f;
		} else if (span_eq(f.key, SPAN("inode"))) {
			ret->inode = span_to_u64(f.value, &v) == 0 ? v : 0;
		} else if (span_eq(f.key, SPAN("ouid"))) {
			ret->owner = (uint32_t)record_id(f.value);
		} else if (span_eq(f.key, SPAN("ogid"))) {
			ret->group = (uint32_t)record_id(f.value);
		} else if (span_eq(f.key, SPAN("dev"))) {
			ret->device = f.value;
		} else if (span_eq(f.key, SPAN("mode"))) {
			ret->mode = octal(f.value);
		} else if (span_eq(f.key, SPAN("nametype"))) {
			ret->nametype = nametype_of(f.value);
			return;
		}
	}
}

static bool next_part(struct span *rest, struct span *ret)
{
	while (rest->n && *rest->p == '/') {
		rest->p++;
		rest->n--;
	}
	*ret = (struct span){ rest->p, 0 };
	while (rest->n && *rest->p != '/') {
		rest->p++;
		rest->n--;
		ret->n++;
	}
	return ret->n > 0;
}

static size_t parent_of(const char *path, size_t n)
{
	while (n && path[n - 1] != '/')
		n--;
	return n ? n - 1 : 0;
}

/* Parts of s behind out[0..n), as "/part" each; `leading`: ".." takes away until the first other part. */
static size_t add_parts(char *out, size_t n, struct span s, bool leading)
{
	struct span part;

	while (next_part(&s, &part)) {
		if (span_eq(part, SPAN(".")))
			continue;
		if (leading && span_eq(part, SPAN(".."))) {
			n = parent_of(out, n);
			continue;
		}
		leading = false;
		out[n++] = '/';
		memcpy(out + n, part.p, part.n);
		n += part.n;
	}
	return n;
}

/* Nothing to drop or join: most names. */
static bool is_clean(struct span name)
{
	if (name.n < 2 || *name.p != '/' || name.p[name.n - 1] == '/' || span_starts(name, SPAN("/..")))
		return false;
	for (size_t i = 1; i < name.n; i++)
		if (name.p[i - 1] == '/' &&
		    (name.p[i] == '/' || (name.p[i] == '.' && (i + 1 == name.n || name.p[i + 1] == '/'))))
			return false;
	return true;
}

struct span path_join(struct arena *arena, struct span base, struct span name, bool *ret_relative)
{
	bool absolute = name.n && *name.p == '/';
	size_t n = 0;
	char *out;

	*ret_relative = !absolute && !(base.n && *base.p == '/');
	if (*ret_relative || is_clean(name))
		return arena_copy(arena, name);
	out = arena_alloc(arena, base.n + name.n + 3);
	if (!out)
		return SPAN_NONE;
	if (!absolute)
		n = add_parts(out, n, base, false);
	n = add_parts(out, n, name, true);
	if (n == 0)
		out[n++] = '/';
	return (struct span){ out, n };
}
