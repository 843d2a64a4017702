#include "recorder/query/cgroup.h"

#include "agent/base/cleanup.h"

enum { ID_MIN = 12, ID_MAX = 64 };

/* Cuts the last component off; false at the end. */
static bool previous(struct span *rest, struct span *ret)
{
	while (rest->n) {
		const char *slash = memrchr(rest->p, '/', rest->n);
		size_t from = slash ? (size_t)(slash + 1 - rest->p) : 0;

		*ret = (struct span){ rest->p + from, rest->n - from };
		rest->n = slash ? (size_t)(slash - rest->p) : 0;
		if (ret->n)
			return true;
	}
	return false;
}

static bool ends(struct span s, struct span end)
{
	return s.n > end.n && memcmp(s.p + s.n - end.n, end.p, end.n) == 0;
}

/* What the kernel puts behind the name of a group that is gone. */
static struct span without_deleted(struct span path)
{
	if (ends(path, SPAN(" (deleted)")))
		path.n -= sizeof(" (deleted)") - 1;
	return path;
}

static bool cut_end(struct span *s, struct span end)
{
	if (!ends(*s, end))
		return false;
	s->n -= end.n;
	return true;
}

static bool cut_start(struct span *s, struct span start)
{
	if (s->n <= start.n || !span_starts(*s, start))
		return false;
	s->p += start.n;
	s->n -= start.n;
	return true;
}

/* ---- containers ---- */

static bool is_id(struct span s, size_t least)
{
	if (s.n < least || s.n > ID_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

/* "docker-ID" and, where runc was given systemd's form for another driver, "…:docker:ID". */
static bool is_runtimes(struct span s, struct span *ret)
{
	static const struct span runtimes[] = {
		{ "docker", 6 }, { "libpod", 6 }, { "crio", 4 }, { "cri-containerd", 14 }, { "containerd", 10 }, { "nerdctl", 7 },
	};
	const char *colon = memrchr(s.p, ':', s.n);
	struct span id;

	if (colon) {
		id = (struct span){ colon + 1, s.n - (size_t)(colon + 1 - s.p) };
		s.n = (size_t)(colon - s.p);
		colon = s.n ? memrchr(s.p, ':', s.n) : NULL;
		if (colon)
			s = (struct span){ colon + 1, s.n - (size_t)(colon + 1 - s.p) };
	} else {
		const char *dash = memrchr(s.p, '-', s.n);

		if (!dash)
			return false;
		id = (struct span){ dash + 1, s.n - (size_t)(dash + 1 - s.p) };
		s.n = (size_t)(dash - s.p);
	}
	for (size_t i = 0; i < ARRAY_LEN(runtimes); i++)
		if (span_eq(s, runtimes[i]) && is_id(id, ID_MIN)) {
			*ret = id;
			return true;
		}
	return false;
}

/* A bare id: a whole one anywhere, a short one where a runtime keeps its containers. */
static bool is_bare_id(struct span s, struct span above)
{
	return is_id(s, ID_MAX) || (is_id(s, ID_MIN) && (span_eq(above, SPAN("docker")) || span_eq(above, SPAN("libpod")) ||
	                                                 span_starts(above, SPAN("pod"))));
}

static bool is_lxc(struct span s, struct span above, struct span *ret)
{
	if (cut_start(&s, SPAN("lxc.payload.")) || span_eq(above, SPAN("lxc.payload")) ||
	    (span_eq(above, SPAN("lxc")) && !span_starts(s, SPAN("lxc.")))) {
		*ret = s;
		return true;
	}
	return false;
}

/* Virtual machines register as machines, too, but are no containers: their processes run elsewhere. */
static bool is_machine(struct span s, struct span *ret)
{
	struct span name = s;
	bool is = (cut_start(&name, SPAN("machine-")) && cut_end(&name, SPAN(".scope")) &&
	           !span_starts(name, SPAN("qemu\\x2d"))) ||
	          (cut_start(&name, SPAN("systemd-nspawn@")) && cut_end(&name, SPAN(".service")));

	if (is)
		*ret = name;
	return is;
}

struct span cgroup_container(struct span path)
{
	struct span rest = without_deleted(path), s, found;

	while (previous(&rest, &s)) {
		struct span upper = rest, above = SPAN_NONE, plain = s;

		previous(&upper, &above);
		if (is_machine(s, &found))
			return found;
		cut_end(&plain, SPAN(".scope"));
		if (is_runtimes(plain, &found) || is_lxc(s, above, &found))
			return found;
		if (is_bare_id(plain, above))
			return plain;
	}
	return SPAN_NONE;
}

/* ---- units ---- */

struct span cgroup_unit(struct span path)
{
	static const struct span kinds[] = {
		{ ".service", 8 }, { ".scope", 6 }, { ".socket", 7 }, { ".mount", 6 }, { ".swap", 5 },
	};
	struct span rest = without_deleted(path), s;

	while (previous(&rest, &s))
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
			if (ends(s, kinds[i]))
				return s;
	return SPAN_NONE;
}
