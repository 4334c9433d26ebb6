#include "memory_config.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"

static bool is_dir(void *ctx, const char *path)
{
	const struct memory_config *c = ctx;
	bool found = strcmp(path, "/conf") == 0;
	for (size_t i = 0; i < c->paths.count && !found; i++)
		found = strcmp(c->paths.items[i], path) != 0 &&
			path_inside(c->paths.items[i], path);
	return found;
}

static const char *text_of(const struct memory_config *c, const char *path)
{
	for (size_t i = 0; i < c->paths.count; i++)
		if (strcmp(c->paths.items[i], path) == 0)
			return c->texts.items[i];
	return NULL;
}

static bool is_file(void *ctx, const char *path)
{
	return text_of(ctx, path) != NULL;
}

static int list(void *ctx, const char *path, struct strlist *out, struct err *err)
{
	const struct memory_config *c = ctx;
	size_t len = strlen(path);
	(void)err;
	for (size_t i = 0; i < c->paths.count; i++) {
		const char *below = c->paths.items[i];
		if (path_inside(below, path) && below[len] == '/')
			strlist_addn(out, below + len + 1, strcspn(below + len + 1, "/"));
	}
	strlist_sort(out);
	strlist_uniq(out);
	return 0;
}

static int read_text(void *ctx, const char *path, struct buf *out, struct err *err)
{
	const char *text = text_of(ctx, path);
	if (!text)
		return err_set(err, ERR_NOT_FOUND, "no file '%s'", path);
	buf_adds(out, text);
	return 0;
}

void memory_config_parse(struct memory_config *c, const char *text)
{
	AUTO(buf_release) struct buf content = BUF_INIT;
	bool in_file = false;
	*c = (struct memory_config){0};
	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (str_starts(line, "== ")) {
			if (in_file)
				strlist_add(&c->texts, buf_str(&content));
			buf_clear(&content);
			AUTO(mem_freep) char *name = mem_strndup(
				line + 3, (size_t)(end - line - 3));
			AUTO(mem_freep) char *joined = path_join("/conf", name);
			strlist_take(&c->paths, path_normalize(joined));
			in_file = true;
		} else if (in_file) {
			buf_add(&content, line, (size_t)(end - line));
			buf_addc(&content, '\n');
		} else {
			strlist_addn(&c->overrides, line, (size_t)(end - line));
		}
	}
	if (in_file)
		strlist_add(&c->texts, buf_str(&content));
}

void memory_config_release(struct memory_config *c)
{
	strlist_release(&c->overrides);
	strlist_release(&c->paths);
	strlist_release(&c->texts);
}

int memory_config_compose(
	struct memory_config *c, struct buf *out, struct strlist *warnings, struct err *err)
{
	const struct hydra_files files = {
		.is_dir = is_dir, .is_file = is_file, .list = list, .read = read_text, .ctx = c};
	const struct hydra_request request = {.dir = "/conf",
		.shown = "file:///conf",
		.config_name = "config",
		.cwd = "/",
		.overrides = &c->overrides,
		.files = &files};
	return hydra_compose(&request, out, warnings, err);
}
