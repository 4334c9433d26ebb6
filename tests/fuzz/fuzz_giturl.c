/*
 * Input: any text. The displayed form of an address has no password and no control character, and
 * is parsed as an address of the same kind.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "scm/giturl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(giturl_release) struct giturl u = {0}, again = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(buf_release) struct buf shown = BUF_INIT, twice = BUF_INIT;
	AUTO(mem_freep) char *text = mem_strndup((const char *)data, size);

	if (giturl_parse(&u, text, &err) < 0)
		return 0;
	if (!u.scheme || !u.path || *text == '-')
		abort();
	if (u.kind == GITURL_PATH && strcmp(u.path, text) != 0)
		abort();
	if (u.kind == GITURL_FILE)
		return 0; /* the displayed form is decoded */
	giturl_add_shown(&shown, &u);
	if (giturl_parse(&again, buf_str(&shown), &err) < 0 || again.kind != u.kind)
		abort();
	giturl_add_shown(&twice, &again);
	if (strcmp(buf_str(&shown), buf_str(&twice)) != 0)
		abort();
	return 0;
}
