/*
 * Makes pages of plots, for tests that open them in a browser. Each input line is one case (a JSON
 * document), each output line the page as a JSON string, or an error object.
 *
 *   page      a document (view/page.h) -> its page
 *   template  [document, text] -> the page that the user's template gives
 */
#include "view/page.h"

#include <string.h>

#include "lines.h"

static int run(
	const char *verb, struct arena *a, const struct value *v, struct buf *out, struct err *err)
{
	(void)a;
	if (strcmp(verb, "page") == 0)
		return page_write(out, v, err);
	if (strcmp(verb, "template") == 0 && value_count(v) == 2) {
		const struct value *text = v->list.items[1].value;
		return page_write_template(
			out, v->list.items[0].value, text->str.ptr, text->str.len, err);
	}
	return err_set(err, ERR_USAGE, "unknown verb");
}

int main(int argc, char **argv)
{
	return lines_run(argc, argv, run);
}
