/* Finding and reading configuration files. */
#include "hydra/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "hydra/grammar.h"
#include "text/yaml11.h"

enum { HEADER_BYTES = 512, MOST_BYTES = 16 << 20 };

/* The configurations that come with Hydra 1.3. Their content is not of interest, since DVC drops
 * the key "hydra"; their names are. */
static const char *const builtin[] = {"hydra/config", "hydra/env/default", "hydra/help/default",
	"hydra/hydra_help/default", "hydra/hydra_logging/default", "hydra/hydra_logging/disabled",
	"hydra/hydra_logging/hydra_debug", "hydra/hydra_logging/none", "hydra/job_logging/default",
	"hydra/job_logging/disabled", "hydra/job_logging/none", "hydra/job_logging/stdout",
	"hydra/launcher/basic", "hydra/output/default", "hydra/sweeper/basic"};

/* The defaults list of hydra/config. */
static const char builtin_defaults[] =
	"[{output: default}, {launcher: basic}, {sweeper: basic}, {help: default}, "
	"{hydra_help: default}, {hydra_logging: default}, {job_logging: default}, "
	"{callbacks: null}, {env: default}]";

/* ---- the disk */

static bool disk_is_dir(void *ctx, const char *path)
{
	(void)ctx;
	return file_is_dir(path);
}

static bool disk_is_file(void *ctx, const char *path)
{
	(void)ctx;
	return file_is_regular(path);
}

static int disk_list(void *ctx, const char *path, struct strlist *out_names, struct err *err)
{
	(void)ctx;
	return file_list(path, out_names, err);
}

static int disk_read(void *ctx, const char *path, struct buf *out, struct err *err)
{
	(void)ctx;
	return file_read(path, out, err);
}

const struct hydra_files hydra_disk = {
	.is_dir = disk_is_dir, .is_file = disk_is_file, .list = disk_list, .read = disk_read};

/* ---- places */

void hydra_source_init(struct hydra_source *s, struct arena *a, const struct hydra_files *files,
	const char *dir, const char *shown)
{
	*s = (struct hydra_source){.arena = a, .files = files};
	hydra_source_add(s, "main", dir, shown);
}

void hydra_source_release(struct hydra_source *s)
{
	VEC_EACH (&s->places, p) {
		free(p->provider);
		free(p->dir);
		free(p->shown);
	}
	vec_release(&s->places);
	map_release(&s->loaded);
}

void hydra_source_add(
	struct hydra_source *s, const char *provider, const char *dir, const char *shown)
{
	*vec_push(&s->places) = (struct hydra_place){.provider = mem_strdup(provider),
		.dir = mem_strdup(dir),
		.shown = mem_strdup(shown)};
}

void hydra_source_describe(const struct hydra_source *s, struct buf *out)
{
	buf_adds(out, "\tprovider=hydra, path=pkg://hydra.conf\n");
	VEC_EACH (&s->places, p)
		buf_addf(out, "\tprovider=%s, path=%s\n", p->provider, p->shown);
	buf_adds(out, "\tprovider=schema, path=structured://");
}

/* The absolute path of a configuration or group; NULL when it leads out of the place. */
static char *path_in(const struct hydra_place *p, const char *path, const char *suffix)
{
	AUTO(mem_freep) char *name = mem_printf("%s%s", path, suffix);
	AUTO(mem_freep) char *joined = path_join(p->dir, name);
	char *full = path_normalize(joined);
	if (path_inside(full, p->dir))
		return full;
	free(full);
	return NULL;
}

/* Hydra appends ".yaml" unless the name has it. */
static const char *suffix_of(const char *path)
{
	return str_ends(path, ".yaml") ? "" : ".yaml";
}

static bool is_builtin(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (str_eq(builtin[i], path))
			return true;
	return false;
}

static bool is_builtin_group(const char *path)
{
	size_t len = strlen(path);
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (strncmp(builtin[i], path, len) == 0 && builtin[i][len] == '/')
			return true;
	return false;
}

/* The path of a configuration file, NULL when no place has it. */
static char *find_file(const struct hydra_source *s, const char *path)
{
	VEC_EACH (&s->places, p) {
		char *full = path_in(p, path, suffix_of(path));
		if (full && s->files->is_file(s->files->ctx, full))
			return full;
		free(full);
	}
	return NULL;
}

bool hydra_source_has_group(const struct hydra_source *s, const char *path)
{
	if (is_builtin_group(path))
		return true;
	VEC_EACH (&s->places, p) {
		AUTO(mem_freep) char *full = path_in(p, path, "");
		if (full && s->files->is_dir(s->files->ctx, full))
			return true;
	}
	return false;
}

bool hydra_source_has_config(const struct hydra_source *s, const char *path)
{
	AUTO(mem_freep) char *file = is_builtin(path) ? NULL : find_file(s, path);
	return file || is_builtin(path);
}

/* Add the configurations among the names of a directory. */
static void add_options(const struct hydra_source *s, const struct hydra_place *p,
	const char *group, struct strlist *out)
{
	AUTO(mem_freep) char *dir = path_in(p, group, "");
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	if (!dir || !s->files->is_dir(s->files->ctx, dir) ||
		s->files->list(s->files->ctx, dir, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep) char *path = mem_printf(
			"%s%s%s", group, *group ? "/" : "", names.items[i]);
		AUTO(mem_freep) char *file = path_in(p, path, suffix_of(path));
		const char *dot = strrchr(names.items[i], '.');
		if (file && s->files->is_file(s->files->ctx, file))
			strlist_addn(out, names.items[i],
				dot ? (size_t)(dot - names.items[i]) : strlen(names.items[i]));
	}
}

void hydra_source_options(const struct hydra_source *s, const char *group, struct strlist *out)
{
	size_t len = strlen(group);
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (strncmp(builtin[i], group, len) == 0 && builtin[i][len] == '/' &&
			!strchr(builtin[i] + len + 1, '/'))
			strlist_add(out, builtin[i] + len + 1);
	VEC_EACH (&s->places, p)
		add_options(s, p, group, out);
	strlist_sort(out);
	strlist_uniq(out);
}

/* ---- reading */

/* One line of the header, "# @key value". False when it is no line of a header. */
static int read_header_line(
	struct arena *a, const char *line, const char **package, const char *file, struct err *err)
{
	AUTO(mem_freep) char *plain = str_strip(line);
	if (!*plain)
		return 1;
	const char *p = plain;
	if (*p != '#')
		return 0;
	p++;
	p += strspn(p, " \t");
	if (*p != '@')
		return 0;

	size_t key = strcspn(p, " "), value_at = key + strspn(p + key, " ");
	size_t value = strcspn(p + value_at, " "), rest = value_at + value;
	rest += strspn(p + rest, " ");
	if (!value)
		return err_set(
			err, ERR_VALUE, "%s: Expected header format: KEY VALUE, got '%s'", file, p);
	if (p[rest])
		return err_set(err, ERR_VALUE, "%s: Too many components in '%s'", file, p);
	if (key == strlen("@package") && strncmp(p, "@package", key) == 0)
		*package = arena_strndup(a, p + value_at, value);
	return 1;
}

/* The package named in the comments at the beginning of a file. */
static int read_header(struct arena *a, const struct buf *text, const char **package,
	const char *file, struct err *err)
{
	AUTO(mem_freep) char *head = mem_strndup(buf_str(text), MIN(text->len, HEADER_BYTES));
	int r = 1;
	for (char *line = head, *next; line && r > 0; line = next) {
		next = strpbrk(line, "\r\n");
		if (next)
			*next++ = 0;
		r = read_header_line(a, line, package, file, err);
	}
	return MIN(r, 0);
}

/* A file that holds only a text is read once more, as YAML in YAML; what is a text even then is a
 * key without a value. */
static int read_root(struct arena *a, const struct buf *text, struct value **out, const char *file,
	struct err *err)
{
	int r = yaml11_load(a, file, buf_str(text), text->len, out, err);
	if (r == 0 && value_is(*out, VALUE_STRING)) {
		const struct value *s = *out;
		r = yaml11_load(a, file, s->str.ptr, s->str.len, out, err);
		if (r == 0 && value_is(*out, VALUE_STRING)) {
			struct value *map = value_map(a);
			value_setn(a, map, (*out)->str.ptr, (*out)->str.len, value_null(a));
			*out = map;
		}
	}
	if (r < 0)
		return err_recode(err, ERR_VALUE);
	if (value_is(*out, VALUE_NULL))
		*out = value_map(a);
	if (!value_is(*out, VALUE_MAP) && !value_is(*out, VALUE_LIST))
		return err_set(err, ERR_VALUE, "%s: Invalid loaded object type: %s", file,
			value_type_name(*out));
	return grammar_check(*out, err) < 0 ? err_wrap(err, ERR_VALUE, "%s", file) : 0;
}

/* Keys that OmegaConf does not take. */
static int check_keys(const struct value *v, const char *file, struct err *err)
{
	int r = value_is(v, VALUE_SET)
			? err_set(err, ERR_VALUE,
				  "%s: Value 'set' is not a supported primitive type", file)
			: 0;
	for (size_t i = 0; r == 0 && i < value_count(v); i++) {
		const struct value_item *it = &v->list.items[i];
		if (it->key && (it->key_kind == VALUE_NULL || it->key_kind >= VALUE_LIST))
			return err_set(err, ERR_VALUE, "%s: Incompatible key type '%s'", file,
				it->key_kind == VALUE_NULL ? "NoneType" : "tuple");
		r = check_keys(it->value, file, err);
	}
	return r;
}

/* Take the defaults list out of a configuration. */
static int take_defaults(struct hydra_config *c, const char *path, struct err *err)
{
	struct node *defaults = c->root->kind == NODE_DICT ? node_get(c->root, "defaults") : NULL;
	if (!defaults)
		return 0;
	node_remove(c->root, node_place(c->root, defaults));
	if (node_is_missing(defaults))
		return 0;
	if (defaults->kind != NODE_LIST)
		return err_set(err, ERR_VALUE,
			"Invalid defaults list in '%s', defaults must be a list (got %s)", path,
			defaults->kind == NODE_DICT ? "mapping"
						    : value_type_name(defaults->scalar));
	c->defaults = defaults;
	return 0;
}

static int load_file(struct hydra_source *s, const char *file, const char *path,
	struct hydra_config *out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *v;
	int r = s->files->read(s->files->ctx, file, &text, err);

	s->bytes += text.len;
	if (r == 0 && s->bytes > MOST_BYTES)
		r = err_set(err, ERR_VALUE, "%s: the configuration is too large", file);
	if (r == 0)
		r = read_header(s->arena, &text, &out->package, file, err);
	if (r == 0)
		r = read_root(s->arena, &text, &v, file, err);
	if (r == 0)
		r = check_keys(v, file, err);
	if (r < 0)
		return r;
	out->root = node_from(s->arena, v);
	return take_defaults(out, path, err);
}

static int load_builtin(
	struct hydra_source *s, const char *path, struct hydra_config *out, struct err *err)
{
	struct value *list;
	out->root = node_dict(s->arena);
	out->builtin = true;
	if (!str_eq(path, "hydra/config"))
		return 0;
	int r = yaml11_load(s->arena, path, builtin_defaults, strlen(builtin_defaults), &list, err);
	if (r == 0)
		out->defaults = node_from(s->arena, list);
	return r;
}

/* Does a path lead out of all places? It does not depend on which files exist. */
static bool leads_out(const struct hydra_source *s, const char *path)
{
	VEC_EACH (&s->places, p) {
		AUTO(mem_freep) char *full = path_in(p, path, "");
		if (full)
			return false;
	}
	return true;
}

int hydra_source_load(
	struct hydra_source *s, const char *path, const struct hydra_config **out, struct err *err)
{
	*out = map_get(&s->loaded, path);
	if (*out)
		return 0;
	if (leads_out(s, path))
		return err_set(err, ERR_VALUE,
			"'%s' leads out of the directory of the configuration, '%s'", path,
			s->places.items[0].dir);

	AUTO(mem_freep) char *file = is_builtin(path) ? NULL : find_file(s, path);
	if (!file && !is_builtin(path))
		return 0;
	struct hydra_config *c = ARENA_NEW(s->arena, struct hydra_config);
	int r = file ? load_file(s, file, path, c, err) : load_builtin(s, path, c, err);
	if (r < 0)
		return r;
	map_set(&s->loaded, path, c);
	*out = c;
	return 0;
}
