#include "timeline/view/render.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

int render_format_of(const char *path, enum render_format *ret)
{
	static const char *const endings[] = { ".png", ".svg", ".pdf" };
	size_t n = strlen(path);

	for (int i = 0; i < 3; i++) {
		if (n > 4 && strcasecmp(path + n - 4, endings[i]) == 0) {
			*ret = (enum render_format)i;
			return 0;
		}
	}
	return -EINVAL;
}

int render_timeline(const struct reader_process *process, struct reader_range range, const struct gap *gaps,
                    size_t n_gaps, const struct reader_timeline *data, const struct render_options *o,
                    const char *path, enum render_format format)
{
	return -ENOSYS;
}

int render_tree(const struct reader_tree *tree, const struct render_options *o, const char *path,
                enum render_format format)
{
	return -ENOSYS;
}

int render_rows(const struct reader_info *info, const struct reader_histogram *histogram,
                const struct reader_page *page, const struct reader_count *count, const char *expression,
                const struct render_options *o, const char *path, enum render_format format)
{
	return -ENOSYS;
}
