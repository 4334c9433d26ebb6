/* A table of keys: which types of executors have them, what they may be, and where they go. */
#include "exec/profile.h"

#include <math.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/proc.h"
#include "base/str.h"
#include "exec/batch/command.h"
#include "exec/batch/slurm.h"
#include "exec/template.h"
#include "project/settings.h"
#include "text/amount.h"

static const char *const type_names[] = {"local", "slurm", "ssh", "command"};

const char *profile_type_name(enum profile_type type)
{
	return type_names[type];
}

enum {
	SLURM = 1 << PROFILE_SLURM,
	SSH = 1 << PROFILE_SSH,
	COMMAND = 1 << PROFILE_COMMAND,
	AWAY = SLURM | SSH | COMMAND,
};

/* How the value of a key is read. */
enum kind {
	NUMBER, /* double, 0 to `most` */
	WHOLE,  /* double, the same without a fraction */
	SIZE,   /* int64_t, bytes */
	TIME,   /* int64_t, seconds, at least 1, at most `most` if that is not 0 */
	TIME_OR_0,
	COUNT,        /* int, `least` to `most` */
	TEXT,         /* char *, one line */
	PATH,         /* the same, not beginning with '-' */
	LINES,        /* char *, of one line or several */
	COMMAND_LINE, /* the same; with words in braces */
	N_OPTION,     /* char *, with {n} */
	WORDS,        /* struct strlist, options of sbatch */
	NAMES,        /* struct strlist, of variables */
	HOSTS,
	YES_NO, /* bool */
};

struct key {
	const char *name;
	unsigned types;
	enum kind kind;
	size_t offset;
	const char *fallback; /* NULL: none */
	int least, most;
};

#define AT(field) offsetof(struct profile, field)

enum { MANY = 1000000, A_DAY = 86400, AN_HOUR = 3600, SLURM_MOST_GRACE = 65535 };

/* In the order in which `executor show` prints them. */
static const struct key keys[] = {
	{"partition", SLURM, TEXT, AT(partition)},
	{"account", SLURM, TEXT, AT(account)},
	{"qos", SLURM, TEXT, AT(qos)},
	{"constraint", SLURM, TEXT, AT(constraint)},
	{"options", SLURM, WORDS, AT(options)},
	{"host", SSH, HOSTS, AT(hosts)},
	{"dir", SSH, PATH, AT(dir), "cairn"},
	{"submit", COMMAND, COMMAND_LINE, AT(submit)},
	{"poll", COMMAND, COMMAND_LINE, AT(poll)},
	{"cancel", COMMAND, COMMAND_LINE, AT(cancel)},
	{"find", COMMAND, COMMAND_LINE, AT(find)},
	{"cpu", SLURM | COMMAND, NUMBER, AT(cpu), NULL, 0, MANY},
	{"mem", SLURM | COMMAND, SIZE, AT(mem_bytes)},
	{"gpu", SLURM | COMMAND, WHOLE, AT(gpu), NULL, 0, MANY},
	{"time", SLURM | COMMAND, TIME, AT(time_s)},
	{"gpu-option", SLURM, N_OPTION, AT(gpu_option), "--gres=gpu:{n}"},
	{"setup", AWAY, LINES, AT(setup)},
	{"program", AWAY, PATH, AT(program)},
	{"env", AWAY, NAMES, AT(env)},
	{"max-submitted", SLURM | COMMAND, COUNT, AT(max_submitted), "1000", 1, MANY},
	{"group", SLURM | COMMAND, COUNT, AT(group), "1", 1, MANY},
	{"group-until", SLURM | COMMAND, TIME, AT(group_until_s), "60s"},
	{"grace", AWAY, TIME_OR_0, AT(grace_s), "60s", 0, SLURM_MOST_GRACE},
	{"retries", AWAY, COUNT, AT(retries), "2", 0, 1000},
	{"interval", AWAY, TIME, AT(poll_s), "15s", 1, A_DAY},
	{"beat", AWAY, TIME, AT(beat_s), "30s", 1, AN_HOUR},
	{"requeue", SLURM, YES_NO, AT(requeue), "yes"},
};

static const char map_prefix[] = "map.";
enum { MAP_TYPES = SLURM | COMMAND };

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* ---- errors ---- */

/* "file:line: the key is to be ..." */
static int bad_value(const struct setting *s, const char *is_to_be, struct err *err)
{
	return err_set(err, ERR_CONFIG, "%s:%d: '%s' is to be %s, not '%s'", s->file, s->line,
		s->key, is_to_be, s->text);
}

/* The keys of a type, for messages. Heap string. */
static char *keys_of(enum profile_type type)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].types & 1U << type)
			strlist_add(&names, keys[i].name);
	if (MAP_TYPES & 1U << type)
		strlist_add(&names, "map.NAME");
	strlist_add(&names, "type");
	strlist_sort(&names);
	return strlist_join(&names, ", ");
}

static int unknown_key(const struct setting *s, const struct profile *p, struct err *err)
{
	struct str_nearest nearest = {.wanted = s->key};
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].types & 1U << p->type)
			str_nearest_try(&nearest, keys[i].name);
	str_nearest_try(&nearest, "type");
	if (nearest.found)
		return err_set(err, ERR_CONFIG,
			"%s:%d: unknown key '%s' in [executor \"%s\"]; did you mean '%s'?", s->file,
			s->line, s->key, p->name, nearest.found);

	AUTO(mem_freep) char *all = keys_of(p->type);
	return err_set(err, ERR_CONFIG,
		"%s:%d: unknown key '%s' in [executor \"%s\"]; an executor of type %s has: %s",
		s->file, s->line, s->key, p->name, type_names[p->type], all);
}

static int key_of_other_type(const struct setting *s, const struct profile *p, struct err *err)
{
	AUTO(mem_freep) char *all = keys_of(p->type);
	return err_set(err, ERR_CONFIG,
		"%s:%d: an executor of type %s has no '%s' ([executor \"%s\"]); it has: %s",
		s->file, s->line, type_names[p->type], s->key, p->name, all);
}

/* ---- values ---- */

static bool has_controls(const char *text, bool lines)
{
	for (const char *c = text; *c; c++)
		if (((unsigned char)*c < ' ' && !(lines && (*c == '\n' || *c == '\t'))) ||
			*c == 0x7f)
			return true;
	return false;
}

static int read_number(const struct key *k, const struct setting *s, double *out, struct err *err)
{
	double n;
	if (!amount_read_number(s->text, &n) || n < 0 || (k->kind == WHOLE && n != floor(n)))
		return bad_value(s, k->kind == WHOLE ? "a whole number" : "a number", err);
	if (n > k->most)
		return err_set(err, ERR_CONFIG, "%s:%d: '%s' is at most %d, not '%s'", s->file,
			s->line, s->key, k->most, s->text);
	*out = n;
	return 0;
}

static int read_size(const struct setting *s, int64_t *out, struct err *err)
{
	static const double most = 1e18; /* fits an int64_t */
	double n;
	if (!amount_read_size(s->text, &n) || n < 0 || n > most)
		return bad_value(s, "a number of bytes, or one with a unit such as 16GB", err);
	*out = (int64_t)ceil(n);
	return 0;
}

static int read_time(const struct key *k, const struct setting *s, int64_t *out, struct err *err)
{
	int64_t seconds = 0;
	bool is_zero = k->kind == TIME_OR_0 && strcmp(s->text, "0") == 0;
	if (!is_zero && !amount_read_duration(s->text, &seconds))
		return bad_value(s, "a time such as 90s, 30m or 2h", err);
	if (k->most && seconds > k->most)
		return err_set(err, ERR_CONFIG, "%s:%d: '%s' is at most %d seconds, not '%s'",
			s->file, s->line, s->key, k->most, s->text);
	*out = seconds;
	return 0;
}

static int read_count(const struct key *k, const struct setting *s, int *out, struct err *err)
{
	int64_t n;
	if (!str_to_i64(s->text, &n) || n < k->least || n > k->most)
		return err_set(err, ERR_CONFIG,
			"%s:%d: '%s' is to be a whole number from %d to %d, not '%s'", s->file,
			s->line, s->key, k->least, k->most, s->text);
	*out = (int)n;
	return 0;
}

static int read_yes_no(const struct setting *s, bool *out, struct err *err)
{
	static const struct {
		const char *word;
		bool is_yes;
	} words[] = {{"yes", true}, {"true", true}, {"on", true}, {"1", true}, {"no", false},
		{"false", false}, {"off", false}, {"0", false}};
	AUTO(mem_freep) char *low = str_lower(s->text);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].word, low) == 0) {
			*out = words[i].is_yes;
			return 0;
		}
	return bad_value(s, "yes or no", err);
}

static int read_text(const struct key *k, const struct setting *s, char **out, struct err *err)
{
	bool lines = k->kind == LINES || k->kind == COMMAND_LINE;
	if (has_controls(s->text, lines))
		return bad_value(s,
			lines ? "text without control characters"
			      : "one line without control characters",
			err);
	if (k->kind == PATH && s->text[0] == '-')
		return bad_value(s, "a path that does not begin with '-'", err);
	*out = mem_strdup(s->text);
	return 0;
}

/* An option in which {n} stands for the amount. `needs_n`: it has to be there. */
static int check_n_option(const struct setting *s, bool needs_n, struct err *err)
{
	static const struct template_word words[] = {{"n", ""}, {NULL, NULL}};
	AUTO(mem_freep) char *unknown = template_unknown(s->text, words);
	AUTO(strlist_release) struct strlist split = STRLIST_INIT;
	if (unknown)
		return err_set(err, ERR_CONFIG,
			"%s:%d: '%s' has {%s}, which is not known; {n} is the amount", s->file,
			s->line, s->key, unknown);
	if (has_controls(s->text, false) || !proc_split(s->text, &split) ||
		(needs_n && !template_has(s->text, "n")))
		return bad_value(
			s, "an option with {n} for the amount, such as --gres=gpu:{n}", err);
	return 0;
}

/* Options for sbatch. Those that cairn gives itself are refused: another value of them would make
 * its jobs unreadable for it. */
static int read_options(const struct setting *s, struct strlist *out, struct err *err)
{
	if (has_controls(s->text, false) || !proc_split(s->text, out))
		return bad_value(s, "options of sbatch, with quotes in pairs", err);
	for (size_t i = 0; i < out->count; i++)
		if (slurm_option_is_ours(out->items[i]))
			return err_set(err, ERR_CONFIG,
				"%s:%d: '%s' cannot have '%s': cairn itself decides that option",
				s->file, s->line, s->key, out->items[i]);
	return 0;
}

/* The words of a list, which stand in the file as "a, b" or as one word. */
static void list_words(const struct setting *s, struct strlist *out)
{
	if (value_str(s->value))
		strlist_add(out, s->text);
	for (size_t i = 0; i < value_count(s->value); i++)
		strlist_add(out, value_str(s->value->list.items[i].value));
}

static bool is_variable(const char *name)
{
	return *name && (*name < '0' || *name > '9') &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
		       strlen(name);
}

static int read_names(const struct setting *s, struct strlist *out, struct err *err)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	list_words(s, &words);
	for (size_t i = 0; i < words.count; i++) {
		if (strcmp(words.items[i], "*") != 0 && !is_variable(words.items[i]))
			return bad_value(
				s, "names of variables such as 'CUDA_HOME, WANDB_MODE', or *", err);
		strlist_add_once(out, words.items[i]);
	}
	return 0;
}

/* Split "host", "user@host:2" or "[::1]:2". False: it is none of these. */
static bool split_host(const char *word, struct profile_host *out)
{
	enum { MOST_SLOTS = 10000 };
	int64_t slots = 1;
	const char *colon = strrchr(word, ':'), *open = strchr(word, '['),
		   *close = strchr(word, ']');
	bool is_ipv6 = colon && strchr(word, ':') != colon && !close; /* without slots */
	size_t len = colon && !is_ipv6 && (!close || colon > close) ? (size_t)(colon - word)
								    : strlen(word);

	if (word[len] == ':' &&
		(!str_to_i64(word + len + 1, &slots) || slots < 1 || slots > MOST_SLOTS))
		return false;

	AUTO(buf_release) struct buf name = BUF_INIT;
	buf_add(&name, word, len);
	if (open || close) {
		if (!open || close != word + len - 1 || open > close)
			return false;
		buf_splice(&name, len - 1, 1, NULL, 0);
		buf_splice(&name, (size_t)(open - word), 1, NULL, 0);
	}

	/* The part after '@' is a word of its own for ssh, so that it may be no option either. All
	 * characters that a shell treats specially are refused, as ssh(1) may hand the name on to
	 * one (ProxyCommand, Match exec). */
	const char *text = buf_str(&name), *at = strrchr(text, '@');
	const char *host = at ? at + 1 : text;
	if (text[0] == '-' || host[0] == '-' || !*host || at == text || strpbrk(host, "[]") ||
		strpbrk(text, " \"'`\\$;&|<>(){}*?!#~^,") || has_controls(text, false))
		return false;
	*out = (struct profile_host){buf_detach(&name), (int)slots};
	return true;
}

static int read_hosts(const struct setting *s, struct profile *p, struct err *err)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	list_words(s, &words);
	for (size_t i = 0; i < words.count; i++) {
		struct profile_host host;
		if (!split_host(words.items[i], &host))
			return bad_value(s,
				"hosts for ssh with the number of jobs at a time, such as 'node1:2, user@node2'",
				err);
		*vec_push(&p->hosts) = host;
	}
	return 0;
}

static int read_value(
	const struct key *k, const struct setting *s, struct profile *p, struct err *err)
{
	void *at = (char *)p + k->offset;
	int r = 0;
	switch (k->kind) {
	case NUMBER:
	case WHOLE:
		return read_number(k, s, at, err);
	case SIZE:
		return read_size(s, at, err);
	case TIME:
	case TIME_OR_0:
		return read_time(k, s, at, err);
	case COUNT:
		return read_count(k, s, at, err);
	case COMMAND_LINE:
		r = command_check(k->name, s->text, err);
		if (r < 0)
			return err_wrap(err, r, "%s:%d", s->file, s->line);
		return read_text(k, s, at, err);
	case TEXT:
	case PATH:
	case LINES:
		return read_text(k, s, at, err);
	case N_OPTION:
		r = check_n_option(s, true, err);
		return r < 0 ? r : read_text(k, s, at, err);
	case WORDS:
		return read_options(s, at, err);
	case NAMES:
		return read_names(s, at, err);
	case HOSTS:
		return read_hosts(s, p, err);
	case YES_NO:
		return read_yes_no(s, at, err);
	}
	return r;
}

/* `map.license = --licenses=x:{n}` */
static int read_map(const struct setting *s, struct profile *p, struct err *err)
{
	const char *name = s->key_written + strlen(map_prefix);
	if (!*name || has_controls(name, false))
		return err_set(err, ERR_CONFIG,
			"%s:%d: '%s' is to name a resource, as in map.license", s->file, s->line,
			s->key);
	static const char *const own[] = {"cpu", "mem", "gpu", "time"};
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (strcmp(name, own[i]) == 0)
			return err_set(err, ERR_CONFIG,
				"%s:%d: '%s' is not needed: cairn requests '%s' itself", s->file,
				s->line, s->key, name);

	int r = check_n_option(s, false, err);
	if (r == 0)
		*vec_push(&p->maps) = (struct profile_map){mem_strdup(name), mem_strdup(s->text)};
	return r;
}

/* ---- a profile ---- */

static int read_type(
	const struct settings_section *section, enum profile_type *out, struct err *err)
{
	static const char all[] = "local, slurm, ssh or command";
	const struct setting *s = settings_get(section, "type");
	if (!s || !*s->text)
		return err_set(err, ERR_CONFIG,
			"%s:%d: [executor \"%s\"] has no 'type', which is %s", section->file,
			section->line, section->name, all);

	struct str_nearest nearest = {.wanted = s->text};
	for (size_t i = 0; i < ARRAY_SIZE(type_names); i++) {
		if (strcmp(type_names[i], s->text) == 0) {
			*out = (enum profile_type)i;
			return 0;
		}
		str_nearest_try(&nearest, type_names[i]);
	}
	if (nearest.found)
		return err_set(err, ERR_CONFIG,
			"%s:%d: unknown type '%s' in [executor \"%s\"]; did you mean '%s'?",
			s->file, s->line, s->text, section->name, nearest.found);
	return bad_value(s, all, err);
}

/* Keys without which a type cannot work. */
static int check_complete(
	const struct settings_section *section, const struct profile *p, struct err *err)
{
	const char *lacks = p->type == PROFILE_COMMAND && !p->submit    ? "submit"
			    : p->type == PROFILE_SSH && !p->hosts.count ? "host"
									: NULL;
	if (lacks)
		return err_set(err, ERR_CONFIG,
			"%s:%d: [executor \"%s\"] has no '%s', which type %s needs", section->file,
			section->line, p->name, lacks, type_names[p->type]);
	if (p->type == PROFILE_COMMAND && p->maps.count && !template_has(p->submit, "options"))
		return err_set(err, ERR_CONFIG,
			"%s:%d: [executor \"%s\"] has map.%s, but no {options} in 'submit' where they could go",
			section->file, section->line, p->name, p->maps.items[0].name);
	return 0;
}

static int read_profile(const struct settings_section *section, struct profile *p, struct err *err)
{
	p->name = mem_strdup(section->name);
	int r = read_type(section, &p->type, err);
	for (size_t i = 0; i < ARRAY_SIZE(keys) && r == 0; i++) {
		const struct setting *given = settings_get(section, keys[i].name);
		const struct setting fallback = {.text = keys[i].fallback};
		if (!(keys[i].types & 1U << p->type))
			continue;
		if (given && *given->text)
			r = read_value(&keys[i], given, p, err);
		else if (keys[i].fallback)
			r = read_value(&keys[i], &fallback, p, err);
	}

	VEC_EACH (&section->settings, s) {
		const struct key *k = find_key(s->key);
		bool is_map = str_starts(s->key, map_prefix);
		if (r < 0 || strcmp(s->key, "type") == 0)
			continue;
		if (!k && !is_map)
			r = unknown_key(s, p, err);
		else if (!((k ? k->types : MAP_TYPES) & 1U << p->type))
			r = *s->text ? key_of_other_type(s, p, err) : 0;
		else if (is_map && *s->text)
			r = read_map(s, p, err);
	}
	return r == 0 ? check_complete(section, p, err) : r;
}

/* "local" is this machine, which needs no profile. */
static int refuse_local(const struct settings *all, struct err *err)
{
	const struct settings_section *s = settings_section(all, "executor", "local");
	return s ? err_set(err, ERR_CONFIG,
			   "%s:%d: 'local' cannot be the name of an executor: it is this machine, always",
			   s->file, s->line)
		 : 0;
}

static int load_settings(struct repo *repo, struct settings *out, struct err *err)
{
	int r = settings_load(repo, out, err);
	return r < 0 ? r : refuse_local(out, err);
}

static void collect_names(const struct settings *all, struct strlist *out)
{
	VEC_EACH (&all->sections, s)
		if (strcmp(s->kind, "executor") == 0)
			strlist_add(out, s->name);
	strlist_sort(out);
}

static int no_such_profile(const struct settings *all, const char *name, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	collect_names(all, &names);
	strlist_add(&names, "local");
	strlist_sort(&names);
	AUTO(mem_freep) char *joined = strlist_join(&names, ", ");
	return err_set(
		err, ERR_NOT_FOUND, "there is no executor '%s'; there are: %s", name, joined);
}

/* The section of a profile, which lives in `all`; `*out` NULL: it is "local". */
static int find_section(struct repo *repo, const char *name, struct settings *all,
	const struct settings_section **out, struct err *err)
{
	AUTO(mem_freep) char *low = str_lower(name);
	int r = load_settings(repo, all, err);
	*out = NULL;
	if (r < 0 || strcmp(low, "local") == 0)
		return r;
	*out = settings_section(all, "executor", low);
	return *out ? 0 : no_such_profile(all, name, err);
}

int profile_load(struct repo *repo, const char *name, struct profile **out, struct err *err)
{
	AUTO(settings_release) struct settings all = SETTINGS_INIT;
	const struct settings_section *section;
	int r = find_section(repo, name, &all, &section, err);
	if (r < 0)
		return r;

	struct profile *p = NEW(struct profile);
	p->root = repo->root ? mem_strdup(repo->root) : NULL;
	if (section)
		r = read_profile(section, p, err);
	else
		p->name = mem_strdup("local");
	if (r < 0)
		profile_free(p);
	else
		*out = p;
	return r;
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	VEC_EACH (&p->maps, m) {
		free(m->name);
		free(m->option);
	}
	VEC_EACH (&p->hosts, h)
		free(h->name);
	vec_release(&p->maps);
	vec_release(&p->hosts);
	strlist_release(&p->options);
	strlist_release(&p->env);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].kind >= TEXT && keys[i].kind <= N_OPTION)
			free(*(char **)((char *)p + keys[i].offset));
	free(p->name);
	free(p->root);
	free(p);
}

int profile_names(struct repo *repo, struct strlist *out, struct err *err)
{
	AUTO(settings_release) struct settings all = SETTINGS_INIT;
	int r = load_settings(repo, &all, err);
	if (r == 0)
		collect_names(&all, out);
	return r;
}

int profile_default(struct repo *repo, char **out, struct err *err)
{
	AUTO(settings_release) struct settings all = SETTINGS_INIT;
	int r = load_settings(repo, &all, err);
	if (r < 0)
		return r;
	const struct settings_section *core = settings_section(&all, "core", NULL);
	const struct setting *s = core ? settings_get(core, "executor") : NULL;
	*out = s && *s->text ? mem_strdup(s->text) : NULL;
	return 0;
}

/* ---- for people ---- */

void profile_values_release(struct profile_values *v)
{
	VEC_EACH (v, it) {
		free(it->key);
		free(it->text);
		free(it->file);
	}
	vec_release(v);
}

static void add_value(
	struct profile_values *out, const char *key, const char *text, const struct setting *from)
{
	*vec_push(out) = (struct profile_value){.key = mem_strdup(key),
		.text = mem_strdup(text),
		.file = from ? mem_strdup(from->file) : NULL,
		.line = from ? from->line : 0};
}

int profile_describe(
	struct repo *repo, const char *name, struct profile_values *out, struct err *err)
{
	AUTO(settings_release) struct settings all = SETTINGS_INIT;
	const struct settings_section *section;
	struct profile *p;
	int r = find_section(repo, name, &all, &section, err);
	if (r == 0)
		r = profile_load(repo, name, &p, err); /* checks it */
	if (r < 0)
		return r;

	add_value(out, "type", type_names[p->type], section ? settings_get(section, "type") : NULL);
	for (size_t i = 0; i < ARRAY_SIZE(keys) && section; i++) {
		const struct setting *s = settings_get(section, keys[i].name);
		bool given = s && *s->text;
		if (keys[i].types & 1U << p->type && (given || keys[i].fallback))
			add_value(out, keys[i].name, given ? s->text : keys[i].fallback,
				given ? s : NULL);
	}
	for (size_t i = 0; section && i < section->settings.count; i++) {
		const struct setting *s = &section->settings.items[i];
		if (str_starts(s->key, map_prefix) && *s->text)
			add_value(out, s->key_written, s->text, s);
	}
	profile_free(p);
	return 0;
}
