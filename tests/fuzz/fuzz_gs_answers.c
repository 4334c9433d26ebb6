/* Input: any bytes, as the answer of a server, as a file of credentials, and as the answer of one
 * that gives tokens. Paths of a listing are relative and name something; what is read of
 * credentials is complete. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fs/gs/answers.h"
#include "fs/gs/login.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_credentials(const char *text, size_t size)
{
	AUTO(gs_login_release) struct gs_login l = {0};
	AUTO(oauth_token_release) struct oauth_token token = {0};
	if (gs_login_parse(&l, "x", text, size, NULL) == 0 &&
		!(l.token_uri && ((l.email && l.key) || (l.client_id && l.refresh_token))))
		abort();
	if (oauth_parse(text, size, "x", &token, NULL) == 0 && !*token.text)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(fs_page_release) struct fs_page page = {0};
	AUTO(gs_error_release) struct gs_error e = {0};
	AUTO(gs_object_release) struct gs_object o = {0};
	AUTO(mem_freep) char *token = NULL;
	buf_add(&text, data, size);

	check_credentials((const char *)data, size);
	gs_error_parse(&text, &e);
	(void)gs_object_parse(&text, &o, NULL);
	(void)gs_rewrite_parse(&text, &token, NULL);
	if (gs_list_parse(&text, "p/", &page, NULL) < 0)
		return 0;
	for (size_t i = 0; i < page.entries.count; i++) {
		const char *path = page.entries.items[i].path;
		if (!*path || (path[strlen(path) - 1] == '/' && !page.entries.items[i].is_dir))
			abort();
	}
	return 0;
}
