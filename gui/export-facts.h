/* export-facts: what is said of an export: a list of names with a text or a number each, in the order to show. */
#pragma once

#include "agent/base/arena.h"
#include "gui/export.h"

struct export_fact {
	const char *name; /* "source.sha256" */
	struct span text; /* absent: it is a number, or nothing */
	bool is_number;
	uint64_t number;
};
enum { EXPORT_FACTS_MAX = 40 };

struct export_facts {
	struct arena arena;
	struct export_fact facts[EXPORT_FACTS_MAX];
	size_t n;
	bool failed; /* memory was out */
};
void export_facts_free(struct export_facts *f);
static inline void cleanup_export_facts(struct export_facts *f) { export_facts_free(f); }
#define AUTO_EXPORT_FACTS __attribute__((cleanup(cleanup_export_facts))) struct export_facts
#define EXPORT_FACTS_INIT ((struct export_facts){ .arena = ARENA_INIT })

void export_facts_text(struct export_facts *f, const char *name, struct span text);
void export_facts_number(struct export_facts *f, const char *name, uint64_t number);

/* The file that was read: hashed before or while it was read. */
struct export_source {
	char sha256[SHA256_TEXT], wal_sha256[SHA256_TEXT]; /* wal: "" where there is none */
	uint64_t size;
	bool changed; /* while it was read */
};
/* All that is known of it. Asks the reader for the recording's own facts, and for completeness. */
int export_facts_fill(struct export_facts *f, const struct export_request *q, const struct expr *where, int64_t begun_ms,
                      const struct export_source *source, const struct export_result *result, const char *file_sha256,
                      struct cancel *cancel);
/* One object, a field a line. */
void export_facts_json(const struct export_facts *f, struct buf *out);
