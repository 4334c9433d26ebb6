#include "cmd/exp_words.h"

#include "text/value.h"

static void join(struct buf *out, const struct strlist *names, const char *quote)
{
	for (size_t i = 0; i < names->count; i++) {
		if (i)
			buf_adds(out, i + 1 == names->count ? " and " : ", ");
		buf_addf(out, "%s%s%s", quote, names->items[i], quote);
	}
}

void words_join_quoted(struct buf *out, const struct strlist *names)
{
	join(out, names, "'");
}

void words_join(struct buf *out, const struct strlist *names)
{
	join(out, names, "");
}

void words_add_repr(struct buf *out, const char *text)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;

	value_add_repr(out, value_string(&a, text));
}
