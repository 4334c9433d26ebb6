/* Fills in words in braces, and checks that they are known ones. */
#include "exec/template.h"

#include <string.h>

#include "base/alloc.h"

struct place {
	const char *start, *end; /* of the braces, `end` behind the last one */
	const char *name;
	size_t len;
	bool literal; /* "{{word}}" */
};

/* Find the next word in braces at or after `at`. False: there is none. */
static bool next_place(const char *line, const char *at, struct place *out)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	for (const char *p = strchr(at, '{'); p; p = strchr(p + 1, '{')) {
		bool twice = p[1] == '{';
		const char *name = p + 1 + twice;
		size_t len = strspn(name, letters);
		if (len == 0 || name[len] != '}' || (twice && name[len + 1] != '}') ||
			(p > line && p[-1] == '$'))
			continue;
		*out = (struct place){p, name + len + 1 + twice, name, len, twice};
		return true;
	}
	return false;
}

static const struct template_word *find_word(
	const struct template_word *words, const struct place *at)
{
	for (; words->name; words++)
		if (strlen(words->name) == at->len && memcmp(words->name, at->name, at->len) == 0)
			return words;
	return NULL;
}

void template_fill(struct buf *out, const char *line, const struct template_word *words)
{
	const char *from = line;
	struct place at;
	while (next_place(line, from, &at)) {
		const struct template_word *word = find_word(words, &at);
		buf_add(out, from, (size_t)(at.start - from));
		if (at.literal)
			buf_add(out, at.start + 1, (size_t)(at.end - at.start) - 2);
		else if (word)
			buf_adds(out, word->text);
		else
			buf_add(out, at.start, (size_t)(at.end - at.start));
		from = at.end;
	}
	buf_adds(out, from);
}

char *template_unknown(const char *line, const struct template_word *words)
{
	struct place at;
	for (const char *from = line; next_place(line, from, &at); from = at.end)
		if (!at.literal && !find_word(words, &at))
			return mem_strndup(at.name, at.len);
	return NULL;
}

bool template_has(const char *line, const char *name)
{
	const struct template_word one[] = {{name, ""}, {NULL, NULL}};
	struct place at;
	for (const char *from = line; next_place(line, from, &at); from = at.end)
		if (!at.literal && find_word(one, &at))
			return true;
	return false;
}
