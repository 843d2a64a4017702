#include "recorder/event.h"
#include "recorder/query/expr.h"
#include "recorder/query/field-def.h"

static const char intro[] =
	"# Fields of expressions\n\n"
	"An expression asks of every event: `process.name == \"curl\" and not destination.ip cidr \"10.0.0.0/8\"`.\n"
	"`and`, `or`, `not` and parentheses join conditions; `not` binds tightest, then `and`, then `or`. An empty\n"
	"expression matches everything.\n\n"
	"- A condition is true when any value of the field fulfils it. It is false where the field is absent, except `!=`,\n"
	"  which is `not ==`. `exists` asks whether there is a value.\n"
	"- Text ignores case; `cased` before the value makes it count: `process.name == cased \"Xorg\"`.\n"
	"- Text stands in `\"…\"` with escapes (`\\\"` `\\\\` `\\n` `\\t` `\\r` `\\xNN` `\\u{N}`; a backslash before another\n"
	"  character stays), in `'…'` without, or bare when it has no spaces, quotes, commas, parentheses or `=` `!` `<` `>`.\n"
	"- `matches` is a Perl-compatible regular expression, found anywhere in the text unless `^` or `$` say otherwise.\n"
	"- Times are UTC: `2026-11-20T08:55:01.204Z`, `2026-11-20 08:55:01.204+00:00`, `2026-11-20`, or relative: `-1h`,\n"
	"  `-90s`, `-15m`, `-7d`, `now`.\n"
	"- Numbers are decimal or `0x` hexadecimal; `error.code` also takes names such as `ENOENT`.\n\n"
	"| type | operators |\n| --- | --- |\n"
	"| text | `==` `!=` `in` `contains` `startswith` `endswith` `matches` `exists` |\n"
	"| number, time | `==` `!=` `<` `<=` `>` `>=` `in` `exists` |\n"
	"| address | `==` `!=` `in` `cidr` `exists` |\n"
	"| word | `==` `!=` `in` `exists` |\n"
	"| bool | `==` `!=` `exists` |\n\n"
	"| field | type | meaning | example |\n| --- | --- | --- | --- |\n";

static void add_cell(struct buf *out, const char *z)
{
	for (; *z; z++) {
		if (*z == '|')
			buf_add_char(out, '\\');
		buf_add_char(out, *z);
	}
}

static void add_aliases(struct buf *out, const struct field_def *d)
{
	struct span rest = span_of(d->aliases), one;

	for (int i = 0; d->aliases && span_next(&rest, ' ', &one); i++)
		buf_printf(out, "%s`%.*s`", i ? ", " : " Also: ", SPAN_FMT(one));
	buf_add_z(out, d->aliases ? "." : "");
}

static void add_words(struct buf *out, const struct field *f)
{
	const char *w;

	for (size_t i = 0; (w = field_word_at(f, i)); i++)
		buf_printf(out, "%s%s", i ? ", " : " One of ", w);
	buf_add_z(out, f->type == FIELD_ENUM ? "." : "");
}

void field_reference(struct buf *out)
{
	static const char *const types[] = {
		[FIELD_TEXT] = "text", [FIELD_NUMBER] = "number", [FIELD_TIME] = "time", [FIELD_ADDRESS] = "address",
		[FIELD_ENUM] = "word", [FIELD_BOOL] = "bool",
	};
	const struct field *f;

	buf_add_z(out, intro);
	for (size_t i = 0; (f = field_at(i)); i++) {
		buf_printf(out, "| `%s` | %s | ", f->name, types[f->type]);
		add_cell(out, f->about);
		add_words(out, f);
		add_aliases(out, field_def(f));
		buf_add_z(out, " | `");
		add_cell(out, f->example);
		buf_add_z(out, "` |\n");
	}
}
