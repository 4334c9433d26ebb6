/*
 * Input: a path, a line end, and an ignore file, which is used as .dvcignore in the root and in the
 * first directory of the path. The answer must not depend on whether the path or its directory is
 * asked for first, and a negated rule never ignores.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "project/ignore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_rules(const struct source *s, const char *path, struct buf *out, struct err *err)
{
	const struct buf *rules = s->ctx;
	size_t depth = 0;
	for (const char *p = path; *p; p++)
		depth += *p == '/';
	if (depth > 1)
		return err_set(err, ERR_NOT_FOUND, "not there");
	buf_add(out, rules->ptr, rules->len);
	return 0;
}

static bool ask(enum ignore_kind kind, const struct buf *rules, const char *path)
{
	const struct source source = {.ctx = rules, .read = read_rules};
	const struct ignore_rule *alone = NULL, *below = NULL;
	struct ignore *ig = ignore_new(kind, &source, "/nowhere");
	AUTO(mem_freep) char *dir = path_dirname(path);
	bool ignored = ignore_path(ig, path, false, &alone);
	bool dir_ignored = *dir && ignore_path(ig, dir, true, NULL);
	bool again = dir_ignored || ignore_match(ignore_dir(ig, dir), path, false, &below);
	if (ignored != again || (ignored && (!alone || alone->negated)) ||
		(!dir_ignored && alone != below))
		abort();
	ignore_free(ig);
	return ignored;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_release) struct buf rules = BUF_INIT;
	const uint8_t *eol = size ? memchr(data, '\n', size) : NULL;
	if (!eol || eol - data > 255 ||
		!path_is_safe_relative((const char *)data, (size_t)(eol - data)) ||
		memchr(data, 0, (size_t)(eol - data)))
		return 0;
	AUTO(mem_freep) char *path = mem_strndup((const char *)data, (size_t)(eol - data));
	buf_add(&rules, eol + 1, size - (size_t)(eol + 1 - data));
	(void)ask(IGNORE_DVC, &rules, path);
	(void)ask(IGNORE_GIT, &rules, path);
	return 0;
}
