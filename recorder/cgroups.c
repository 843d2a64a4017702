#include "recorder/cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/base/cleanup.h"

enum { TEXT_MAX = 8192 }; /* a v1 system has a dozen lines; PATH_MAX for the one path that counts */

/* "hierarchy:controllers:path"; a path may hold colons. */
static bool split(struct span line, struct span *ret_number, struct span *ret_controllers, struct span *ret_path)
{
	if (!span_next(&line, ':', ret_number) || !span_next(&line, ':', ret_controllers) || line.n == 0 || *line.p != '/')
		return false;
	*ret_path = line;
	return true;
}

struct span cgroups_parse(struct span text)
{
	struct span line, number, controllers, path, best = SPAN_NONE;
	int best_rank = -1;

	while (span_next(&text, '\n', &line)) {
		int rank;

		if (!split(line, &number, &controllers, &path))
			continue;
		rank = path.n == 1 ? 0 : controllers.n == 0 ? 3 : span_eq(controllers, SPAN("name=systemd")) ? 2 : 1;
		if (rank > best_rank || (rank == 1 && best_rank == 1 && path.n > best.n)) {
			best = path;
			best_rank = rank;
		}
	}
	return best;
}

static struct span read_path(int64_t pid, char text[TEXT_MAX])
{
	char name[40];
	AUTO_CLOSE int fd = -1;
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/%" PRId64 "/cgroup", pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, TEXT_MAX);
	return n > 0 ? cgroups_parse((struct span){ text, (size_t)n }) : SPAN_NONE;
}

/* Each name once; NULL when there are too many, or no memory. */
static const struct span *intern(struct cgroups *c, struct span path)
{
	uint64_t hash = span_hash(path), *at = map_get(&c->by_name, hash);
	struct span *kept;

	if (at)
		return span_eq(*(struct span *)(uintptr_t)*at, path) ? (struct span *)(uintptr_t)*at : NULL;
	kept = c->by_name.n < CGROUPS_NAMES_MAX ? arena_alloc(&c->names, sizeof(*kept)) : NULL;
	if (!kept)
		return NULL;
	*kept = arena_copy(&c->names, path);
	if (!kept->p || map_put(&c->by_name, hash, (uint64_t)(uintptr_t)kept) < 0)
		return NULL;
	return kept;
}

struct span cgroups_of(struct cgroups *c, int64_t pid, int64_t parent)
{
	char text[TEXT_MAX];
	struct span path = read_path(pid, text);
	uint64_t *at = path.p ? NULL : map_get(&c->by_pid, (uint64_t)parent);
	const struct span *name = path.p ? intern(c, path) : at ? (const struct span *)(uintptr_t)*at : NULL;

	if (!name)
		return SPAN_NONE;
	if (c->by_pid.n >= CGROUPS_PIDS_MAX)
		map_clear(&c->by_pid);
	if (map_put(&c->by_pid, (uint64_t)pid, (uint64_t)(uintptr_t)name) < 0)
		return *name; /* its children that are gone soon show none */
	return *name;
}

void cgroups_free(struct cgroups *c)
{
	map_free(&c->by_name);
	map_free(&c->by_pid);
	arena_free(&c->names);
}
