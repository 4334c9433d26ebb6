/* Reads the shared files of the AWS tools, ~/.aws/config and ~/.aws/credentials. */
#include "fs/s3/profile.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

enum { FILE_MAX_BYTES = 1024 * 1024 };

void aws_files_release(struct aws_files *f)
{
	arena_release(&f->arena);
	*f = (struct aws_files){0};
}

/* Where the parser stands. */
struct place {
	struct arena *arena;
	struct value *sections;
	struct value *section; /* NULL before the first one */
	struct value *block;   /* of the key with an empty value above; NULL: none */
	const char *block_key;
};

/* The name between the brackets: quotes around its second word are removed, blanks made one. */
static char *section_name(const char *inside, size_t len)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	for (size_t i = 0; i < len; i++) {
		char c = inside[i] == '\t' ? ' ' : inside[i];
		if (c == '"' || c == '\'' ||
			(c == ' ' && (!out.len || out.ptr[out.len - 1] == ' ')))
			continue;
		buf_addc(&out, c);
	}
	buf_rtrim(&out);
	return buf_detach(&out);
}

/* "key = value" of a line. False: there is no '='. */
static bool split(const char *line, char **out_key, char **out_value)
{
	const char *equals = strchr(line, '=');
	if (!equals)
		return false;
	AUTO(mem_freep) char *left = mem_strndup(line, (size_t)(equals - line));
	AUTO(mem_freep) char *stripped = str_strip(left);
	*out_key = str_lower(stripped);
	*out_value = str_strip(equals + 1);
	return true;
}

static void take_section(struct place *p, const char *line, size_t len)
{
	AUTO(mem_freep) char *name = section_name(line + 1, len - 1);
	p->section = value_get(p->sections, name);
	if (!p->section) {
		p->section = value_map(p->arena);
		value_set(p->arena, p->sections, name, p->section);
	}
	p->block_key = NULL;
}

/* An indented line belongs to the key above: an entry of its block, or else a part of its value
 * that no key needs. */
static void take_indented(struct place *p, const char *line)
{
	AUTO(mem_freep) char *key = NULL;
	AUTO(mem_freep) char *value = NULL;
	if (!p->block_key || !split(line, &key, &value))
		return;
	if (!p->block) {
		p->block = value_map(p->arena);
		value_set(p->arena, p->section, p->block_key, p->block);
	}
	value_set(p->arena, p->block, key, value_string(p->arena, value));
}

/* False: the line is malformed. */
static bool take_line(struct place *p, const char *line)
{
	bool indented = *line == ' ' || *line == '\t';
	AUTO(mem_freep) char *text = str_strip(line);
	if (!*text || *text == '#' || *text == ';')
		return true;
	const char *close = *text == '[' ? strchr(text, ']') : NULL;
	if (*text == '[' && !indented) {
		if (!close)
			return false;
		take_section(p, text, (size_t)(close - text));
		return true;
	}
	if (indented) {
		take_indented(p, text);
		return true;
	}

	AUTO(mem_freep) char *key = NULL;
	AUTO(mem_freep) char *value = NULL;
	if (!p->section || !split(text, &key, &value) || !*key)
		return false;
	value_set(p->arena, p->section, key, value_string(p->arena, value));
	p->block = NULL;
	p->block_key = *value ? NULL : arena_strdup(p->arena, key);
	return true;
}

int aws_profile_parse(struct arena *a, const char *name, const char *text, size_t len,
	struct value **out, struct err *err)
{
	struct place p = {.arena = a, .sections = value_map(a)};
	const char *end = text + len;
	for (int number = 1; text < end; number++) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t count = (size_t)((eol ? eol : end) - text);
		AUTO(mem_freep) char *line = mem_strndup(text, count);
		if (!take_line(&p, line))
			return err_set(
				err, ERR_CONFIG, "unable to parse '%s' at line %d", name, number);
		text = eol ? eol + 1 : end;
	}
	*out = p.sections;
	return 0;
}

static int load(struct arena *a, const char *variable, const char *given, const char *usual,
	struct value **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *from_env = getenv(variable), *home = getenv("HOME");
	const char *path = from_env && *from_env ? from_env : given;
	const char *below_home = path ? (str_starts(path, "~/") ? path + 2 : NULL) : usual;
	AUTO(mem_freep) char *full = below_home ? path_join(home ? home : "/", below_home)
						: mem_strdup(path);

	*out = value_map(a);
	if (!file_exists(full))
		return 0;
	int r = file_read(full, &text, err);
	if (r < 0)
		return r;
	if (text.len > FILE_MAX_BYTES)
		return err_set(err, ERR_CONFIG, "'%s' is too long", full);
	return aws_profile_parse(a, full, buf_str(&text), text.len, out, err);
}

int aws_files_load(
	struct aws_files *f, const char *config_path, const char *credentials_path, struct err *err)
{
	int r = load(&f->arena, "AWS_CONFIG_FILE", config_path, ".aws/config", &f->config, err);
	if (r == 0)
		r = load(&f->arena, "AWS_SHARED_CREDENTIALS_FILE", credentials_path,
			".aws/credentials", &f->credentials, err);
	return r;
}

const struct value *aws_config_section(
	const struct aws_files *f, const char *kind, const char *name)
{
	AUTO(mem_freep) char *full = mem_printf("%s %s", kind, name);
	return value_get(f->config, full);
}

const struct value *aws_config_profile(const struct aws_files *f, const char *name)
{
	const struct value *found = aws_config_section(f, "profile", name);
	return found || !str_eq(name, "default") ? found : value_get(f->config, name);
}

const struct value *aws_credentials_profile(const struct aws_files *f, const char *name)
{
	return value_get(f->credentials, name);
}

const char *aws_profile_get(const struct aws_files *f, const char *name, const char *key)
{
	const char *found = value_get_str(aws_credentials_profile(f, name), key);
	if (!found || !*found)
		found = value_get_str(aws_config_profile(f, name), key);
	return found && *found ? found : NULL;
}
