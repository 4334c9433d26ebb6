/* Input: any text. Escaping is undone by decoding, and a URL that is shown has no user and is read
 * as the same host. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(url_release) struct url u = {0}, again = {0};
	AUTO(buf_release) struct buf escaped = BUF_INIT, shown = BUF_INIT;
	AUTO(mem_freep) char *text = mem_strndup((const char *)data, size);

	url_add_escaped(&escaped, text, "");
	AUTO(mem_freep) char *back = url_decoded(buf_str(&escaped));
	if (strcmp(back, text) != 0)
		abort();
	if (url_parse(&u, text, NULL) < 0)
		return 0;
	url_add_shown(&shown, text);
	if (url_parse(&again, buf_str(&shown), NULL) < 0 || again.user ||
		strcmp(again.host, u.host) != 0 || again.port != u.port)
		abort();
	return 0;
}
