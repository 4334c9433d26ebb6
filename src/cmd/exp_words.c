#include "cmd/exp_words.h"

void words_join_quoted(struct buf *out, const struct strlist *names)
{
	for (size_t i = 0; i < names->count; i++) {
		if (i)
			buf_adds(out, i + 1 == names->count ? " and " : ", ");
		buf_addf(out, "'%s'", names->items[i]);
	}
}
