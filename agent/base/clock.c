#include "agent/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

static int64_t clock_read(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * MS_PER_SEC + ts.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
	return clock_read(CLOCK_REALTIME);
}

int64_t clock_monotonic(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of a civil date, by the 400-year cycle counted from March. */
static int64_t days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = floor_div(y, 400);
	yoe = y - era * 400;
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct clock_fields clock_split(int64_t ms)
{
	int64_t days = floor_div(ms, MS_PER_DAY), rest = ms - days * MS_PER_DAY;
	int64_t z = days + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	return (struct clock_fields){
		.year = (int)(yoe + era * 400 + (month <= 2)), .month = month, .day = (int)(doy - (153 * mp + 2) / 5 + 1),
		.hour = (int)(rest / 3600000), .minute = (int)(rest / 60000 % 60),
		.second = (int)(rest / 1000 % 60), .ms = (int)(rest % 1000),
		.weekday = (int)(((days + 4) % 7 + 7) % 7),
	};
}

int64_t clock_join(struct clock_fields f)
{
	int64_t months = (int64_t)f.year * 12 + f.month - 1;
	int64_t year = floor_div(months, 12);
	int64_t days = days_from_civil(year, (int)(months - year * 12) + 1, 1) + f.day - 1;

	return days * MS_PER_DAY + f.hour * INT64_C(3600000) + f.minute * INT64_C(60000) +
	       f.second * MS_PER_SEC + f.ms;
}

static char *format(int64_t ms, char *out, const char *pattern)
{
	struct clock_fields f;

	ms = ms < CLOCK_MIN ? CLOCK_MIN : ms > CLOCK_MAX ? CLOCK_MAX : ms;
	f = clock_split(ms);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(out, CLOCK_TEXT, pattern, (unsigned)f.year % 10000u, (unsigned)f.month, (unsigned)f.day,
	         (unsigned)f.hour, (unsigned)f.minute, (unsigned)f.second, (unsigned)f.ms);
#pragma GCC diagnostic pop
	return out;
}

char *clock_format(int64_t ms, char out[CLOCK_TEXT])
{
	return format(ms, out, "%04u-%02u-%02u %02u:%02u:%02u.%03u+00:00");
}

char *clock_format_iso(int64_t ms, char out[CLOCK_TEXT])
{
	return format(ms, out, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ");
}

char *clock_format_name(int64_t ms, char out[CLOCK_TEXT])
{
	return format(ms, out, "%04u_%02u_%02uT%02u.%02u.%02u.%03uZ");
}

/* Takes exactly n digits off the front of *s. */
static int take_digits(struct span *s, size_t n, int *ret)
{
	int v = 0;

	if (s->n < n)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned char)s->p[i] - '0';

		if (d > 9)
			return -EINVAL;
		v = v * 10 + (int)d;
	}
	s->p += n;
	s->n -= n;
	*ret = v;
	return 0;
}

static bool take_char(struct span *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

static int take_fraction(struct span *s, int *ret_ms)
{
	int ms = 0, scale = 100, digits = 0;

	for (; s->n && s->p[0] >= '0' && s->p[0] <= '9'; s->p++, s->n--, digits++) {
		ms += (s->p[0] - '0') * scale;
		scale /= 10;
	}
	*ret_ms = ms;
	return digits ? 0 : -EINVAL;
}

static int take_zone(struct span *s, int *ret_minutes)
{
	bool minus = s->n && s->p[0] == '-';
	int h, m;

	*ret_minutes = 0;
	if (s->n == 0 || take_char(s, 'Z'))
		return 0;
	if (!take_char(s, '+') && !take_char(s, '-'))
		return -EINVAL;
	if (take_digits(s, 2, &h) < 0)
		return -EINVAL;
	take_char(s, ':');
	if (take_digits(s, 2, &m) < 0 || h > 23 || m > 59)
		return -EINVAL;
	*ret_minutes = (minus ? -1 : 1) * (h * 60 + m);
	return 0;
}

static int take_time(struct span *s, struct clock_fields *f, int *ret_zone)
{
	if (!take_char(s, 'T') && !take_char(s, ' '))
		return -EINVAL;
	if (take_digits(s, 2, &f->hour) < 0 || !take_char(s, ':') || take_digits(s, 2, &f->minute) < 0)
		return -EINVAL;
	if (take_char(s, ':') && take_digits(s, 2, &f->second) < 0)
		return -EINVAL;
	if (take_char(s, '.') && take_fraction(s, &f->ms) < 0)
		return -EINVAL;
	if (f->hour > 23 || f->minute > 59 || f->second > 60)
		return -EINVAL;
	return take_zone(s, ret_zone);
}

static int parse_absolute(struct span s, int64_t *ret_ms)
{
	struct clock_fields f = { 0 }, back;
	int zone = 0;
	int64_t day;

	if (take_digits(&s, 4, &f.year) < 0 || !take_char(&s, '-') || take_digits(&s, 2, &f.month) < 0 ||
	    !take_char(&s, '-') || take_digits(&s, 2, &f.day) < 0)
		return -EINVAL;
	day = clock_join(f);
	back = clock_split(day);
	if (back.month != f.month || back.day != f.day)
		return -EINVAL;
	if (s.n && (take_time(&s, &f, &zone) < 0 || s.n))
		return -EINVAL;
	*ret_ms = clock_join(f) - zone * INT64_C(60000);
	return 0;
}

static int parse_relative(struct span s, int64_t now, int64_t *ret_ms)
{
	int64_t unit, n;

	switch (s.n ? s.p[s.n - 1] : 0) {
	case 's': unit = 1000; break;
	case 'm': unit = 60 * 1000; break;
	case 'h': unit = 3600 * 1000; break;
	case 'd': unit = MS_PER_DAY; break;
	case 'w': unit = 7 * MS_PER_DAY; break;
	default: return -EINVAL;
	}
	if (span_to_i64((struct span){ s.p + 1, s.n - 2 }, &n) < 0 || n < 0 || n > CLOCK_MAX / unit)
		return -EINVAL;
	*ret_ms = s.p[0] == '-' ? now - n * unit : now + n * unit;
	return 0;
}

int clock_parse(struct span s, int64_t now, int64_t *ret_ms)
{
	if (span_eq(s, SPAN("now"))) {
		*ret_ms = now;
		return 0;
	}
	if (s.n >= 3 && (s.p[0] == '-' || s.p[0] == '+'))
		return parse_relative(s, now, ret_ms);
	return parse_absolute(s, ret_ms);
}
