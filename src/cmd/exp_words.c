#include "cmd/exp_words.h"

#include <time.h>

void words_join_quoted(struct buf *out, const struct strlist *names)
{
	for (size_t i = 0; i < names->count; i++) {
		if (i)
			buf_adds(out, i + 1 == names->count ? " and " : ", ");
		buf_addf(out, "'%s'", names->items[i]);
	}
}

void words_add_time(struct buf *out, int64_t seconds)
{
	time_t now = time(NULL), then = (time_t)seconds;
	struct tm a, b;
	char text[32];

	if (!localtime_r(&now, &a) || !localtime_r(&then, &b))
		return;
	bool today = a.tm_year == b.tm_year && a.tm_yday == b.tm_yday;

	(void)strftime(text, sizeof(text), today ? "%I:%M %p" : "%b %d, %Y", &b);
	buf_adds(out, text);
}
