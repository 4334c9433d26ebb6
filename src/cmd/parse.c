#include "cmd/parse.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/vec.h"

const struct opt common_options[] = {
	OPT_FLAG(parsed, help, 'h', "help", "show this help and exit"),
	{OPT_KIND_FLAG, 'q', "quiet", NULL, "print results only; the exit status tells of errors",
		offsetof(struct parsed, quiet), .group = 99},
	{OPT_KIND_COUNT, 'v', "verbose", NULL, "explain decisions; twice: trace calls",
		offsetof(struct parsed, verbose), .group = 99},
	OPT_END,
};

static const char *const color_choices[] = {"auto", "always", "never", NULL};

const struct opt global_options[] = {
	OPT_FLAG(parsed, version, 'V', "version", "print the version and exit"),
	OPT_STRING(
		parsed, cd, 0, "cd", "path", "change to this directory first", .takes = WORD_DIR),
	{OPT_KIND_STRING, 0, "color", NULL, "when to use colours (default: auto)",
		offsetof(struct parsed, color), .choices = color_choices},
	OPT_FLAG(parsed, wait_for_lock, 0, "wait-for-lock",
		"wait for the repository lock however long it takes"),
	{OPT_KIND_FLAG, 0, "json-errors", NULL, "report a failure as one line of JSON",
		offsetof(struct parsed, json_errors), .whole = true},
	OPT_END,
};

void parsed_release(struct parsed *p)
{
	const struct cmd *c = p->depth ? p->chain[p->depth - 1] : NULL;
	for (const struct opt *o = c && p->opts ? c->opts : NULL; o && o->kind; o++)
		if (o->kind == OPT_KIND_LIST || o->kind == OPT_KIND_MANY)
			strlist_release((struct strlist *)((char *)p->opts + o->offset));
	for (const struct arg *a = c && p->opts ? c->args : NULL; a && a->count; a++)
		if (a->count >= ARG_ANY)
			strlist_release((struct strlist *)((char *)p->opts + a->offset));
	free(p->opts);
	free(p->suggestion);
	free(p->brief);
	*p = PARSED_INIT;
}

const struct cmd *cmd_find(const struct cmd *const *table, const char *name)
{
	for (; *table; table++) {
		if (strcmp((*table)->name, name) == 0)
			return *table;
		for (const char *const *a = (*table)->aliases; a && *a; a++)
			if (strcmp(*a, name) == 0)
				return *table;
	}
	return NULL;
}

/* A table of options, and the struct that its offsets refer to. */
struct place {
	const struct opt *opts;
	char *base;
};

struct parser {
	struct parsed *out;
	struct place places[3];
	int place_count;
	VEC(const char *) words; /* arguments, without the options; borrowed from argv */
	struct strlist unknown;
	struct strlist given; /* names of the options seen, to check required ones */
	int groups[8];
	const struct opt *group_opts[8];
	int group_count;
	bool rest; /* all further words are arguments */
	struct err *err;
};

static void option_label(struct buf *b, const struct opt *o)
{
	if (o->letter)
		buf_addf(b, "-%c", o->letter);
	if (o->letter && o->name)
		buf_addc(b, '/');
	if (o->name)
		buf_addf(b, "--%s", o->name);
}

static int option_error(struct parser *p, const struct opt *o, const char *what)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	option_label(&b, o);
	return err_set(p->err, ERR_USAGE, "argument %s: %s", buf_str(&b), what);
}

/* Find a long option by name or unique prefix. Returns 1 if it is found, 0 if not. */
static int find_long(
	struct parser *p, const char *name, size_t len, const struct opt **out, char **out_base)
{
	const struct opt *found = NULL;
	AUTO(strlist_release) struct strlist fits = STRLIST_INIT;

	for (int i = 0; i < p->place_count; i++)
		for (const struct opt *o = p->places[i].opts; o && o->kind; o++) {
			if (!o->name || strncmp(o->name, name, len) != 0)
				continue;
			if (!o->name[len]) {
				*out = o;
				*out_base = p->places[i].base;
				return 1;
			}
			if (o->whole)
				continue;
			strlist_addf(&fits, "--%s", o->name);
			found = o;
			*out_base = p->places[i].base;
		}

	if (fits.count > 1) {
		AUTO(mem_freep) char *all = strlist_join(&fits, ", ");
		return err_set(p->err, ERR_USAGE, "ambiguous option: --%.*s could match %s",
			(int)len, name, all);
	}
	*out = found;
	return found ? 1 : 0;
}

static const struct opt *find_letter(struct parser *p, char letter, char **out_base)
{
	for (int i = 0; i < p->place_count; i++)
		for (const struct opt *o = p->places[i].opts; o && o->kind; o++)
			if (o->letter == letter) {
				*out_base = p->places[i].base;
				return o;
			}
	return NULL;
}

bool opt_takes_value(const struct opt *o)
{
	return o->kind == OPT_KIND_INT || o->kind == OPT_KIND_INT64 || o->kind == OPT_KIND_STRING ||
	       o->kind == OPT_KIND_LIST;
}

/* Refuse a value that is not among the option's choices. */
static int check_choice(struct parser *p, const struct opt *o, const char *value)
{
	if (!o->choices)
		return 0;
	AUTO(buf_release) struct buf b = BUF_INIT;
	for (const char *const *c = o->choices; *c; c++) {
		if (strcmp(*c, value) == 0)
			return 0;
		buf_addf(&b, "%s'%s'", b.len ? ", " : "", *c);
	}
	AUTO(mem_freep) char *what = mem_printf(
		"invalid choice: '%s' (choose from %s)", value, buf_str(&b));
	return option_error(p, o, what);
}

/* Store one value (or none) of an option in its field, and check that its group has no other
 * option. */
static int store(struct parser *p, const struct opt *o, char *base, const char *value)
{
	void *field = base + o->offset;
	int64_t number;
	int r = value ? check_choice(p, o, value) : 0;
	if (r < 0)
		return r;

	switch (o->kind) {
	case OPT_KIND_FLAG:
		*(bool *)field = true;
		break;
	case OPT_KIND_COUNT:
		(*(int *)field)++;
		break;
	case OPT_KIND_INT:
	case OPT_KIND_INT64:
		if (!str_to_i64(value, &number) ||
			(o->kind == OPT_KIND_INT && (number < INT32_MIN || number > INT32_MAX))) {
			AUTO(mem_freep) char *what = mem_printf("invalid int value: '%s'", value);
			return option_error(p, o, what);
		}
		if (o->kind == OPT_KIND_INT)
			*(int *)field = (int)number;
		else
			*(int64_t *)field = number;
		break;
	case OPT_KIND_STRING:
		*(const char **)field = value;
		break;
	case OPT_KIND_OPTIONAL:
		*(const char **)field = value ? value : o->constant;
		break;
	case OPT_KIND_CONST:
		*(const char **)field = o->constant;
		break;
	case OPT_KIND_LIST:
	case OPT_KIND_MANY:
		if (value)
			strlist_add(field, value);
		break;
	case OPT_KIND_END:
		break;
	}
	if (o->name)
		strlist_add(&p->given, o->name);
	else
		strlist_addn(&p->given, &o->letter, 1);
	if (!o->group)
		return 0;

	for (int i = 0; i < p->group_count; i++)
		if (p->groups[i] == o->group && p->group_opts[i] != o) {
			AUTO(buf_release) struct buf b = BUF_INIT;
			buf_adds(&b, "not allowed with argument ");
			option_label(&b, p->group_opts[i]);
			return option_error(p, o, buf_str(&b));
		}

	if (p->group_count < (int)ARRAY_SIZE(p->groups)) {
		p->groups[p->group_count] = o->group;
		p->group_opts[p->group_count++] = o;
	}

	return 0;
}

/* As in argparse, a single "-" and negative numbers are arguments (no option here looks like a
 * number), and so is a word with a space. */
bool opt_looks_like(const char *word)
{
	if (word[0] != '-' || !word[1])
		return false;
	const char *p = word + 1;
	if ((*p >= '0' && *p <= '9') || (*p == '.' && p[1] >= '0' && p[1] <= '9'))
		return p[strspn(p, "0123456789.")] != '\0';
	return strchr(word, ' ') == NULL;
}

/* A word with a space is an option only if such an option exists (--message="two words"). */
static bool is_option(struct parser *p, const char *word)
{
	if (opt_looks_like(word))
		return true;
	if (word[0] != '-' || !strchr(word, ' '))
		return false;
	char *base;
	if (word[1] != '-')
		return find_letter(p, word[1], &base) != NULL;
	for (int i = 0; i < p->place_count; i++)
		for (const struct opt *o = p->places[i].opts; o && o->kind; o++)
			if (o->name && strncmp(o->name, word + 2, strcspn(word + 2, "=")) == 0)
				return true;
	return false;
}

/* Take the value of an option. `inline_value` is what follows "=" or the letter in the same word,
 * or NULL; then the next words are taken, and *at is moved. */
static int take_value(struct parser *p, const struct opt *o, char *base, const char *inline_value,
	int argc, char **argv, int *at)
{
	if (!opt_takes_value(o) && o->kind != OPT_KIND_OPTIONAL && o->kind != OPT_KIND_MANY) {
		if (!inline_value)
			return store(p, o, base, NULL);
		AUTO(mem_freep) char *what = mem_printf(
			"ignored explicit argument '%s'", inline_value);
		return option_error(p, o, what);
	}

	if (inline_value)
		return store(p, o, base, inline_value);
	if (o->kind == OPT_KIND_MANY) {
		bool alone = *at + 1 >= argc || is_option(p, argv[*at + 1]);
		int r = store(p, o, base, alone ? o->constant : NULL);
		while (r >= 0 && *at + 1 < argc && !is_option(p, argv[*at + 1]))
			r = store(p, o, base, argv[++*at]);
		return r;
	}

	if (*at + 1 < argc && !is_option(p, argv[*at + 1]))
		return store(p, o, base, argv[++*at]);
	return o->kind == OPT_KIND_OPTIONAL ? store(p, o, base, NULL)
					    : option_error(p, o, "expected one argument");
}

/* Parse a word of single-letter options: -q, -vv, -j4, -fd. */
static int parse_letters(struct parser *p, int argc, char **argv, int *at)
{
	const char *word = argv[*at];
	for (const char *c = word + 1; *c; c++) {
		char *base;
		const struct opt *o = find_letter(p, *c, &base);

		if (!o) {
			if (c == word + 1) {
				strlist_add(&p->unknown, word);
				return 0;
			}
			AUTO(mem_freep) char *label = mem_printf("-%s", c);
			strlist_add(&p->unknown, label);
			return 0;
		}

		if (opt_takes_value(o) || o->kind == OPT_KIND_OPTIONAL ||
			o->kind == OPT_KIND_MANY) {
			const char *rest = c[1] == '=' ? c + 2 : c[1] ? c + 1 : NULL;
			return take_value(p, o, base, rest, argc, argv, at);
		}

		int r = store(p, o, base, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_option(struct parser *p, int argc, char **argv, int *at)
{
	const char *word = argv[*at];
	if (word[1] != '-')
		return parse_letters(p, argc, argv, at);

	const char *name = word + 2;
	const char *equals = strchr(name, '=');
	const struct opt *o = NULL;
	char *base = NULL;
	int r = find_long(p, name, equals ? (size_t)(equals - name) : strlen(name), &o, &base);
	if (r < 0)
		return r;
	if (r == 0) {
		strlist_add(&p->unknown, word);
		return 0;
	}

	return take_value(p, o, base, equals ? equals + 1 : NULL, argc, argv, at);
}

/* Assign the words to the declared arguments. An argument leaves enough words for the required ones
 * after it. */
static int assign_arguments(struct parser *p, const struct cmd *c, void *opts)
{
	size_t used = 0;
	AUTO(strlist_release) struct strlist missing = STRLIST_INIT;

	for (const struct arg *a = c->args; a && a->count; a++) {
		void *field = (char *)opts + a->offset;
		size_t later = 0;
		for (const struct arg *b = a + 1; b->count; b++)
			later += b->count == ARG_ONE || b->count == ARG_SOME;

		size_t left = p->words.count - used, most = left > later ? left - later : 0;
		if (a->count == ARG_ONE || a->count == ARG_OPTIONAL) {
			if (most || (a->count == ARG_ONE && left))
				*(const char **)field = p->words.items[used++];
			else if (a->count == ARG_ONE)
				strlist_add(&missing, a->name);
			continue;
		}

		if (a->count == ARG_SOME && most == 0)
			strlist_add(&missing, a->name);
		for (size_t i = 0; i < most; i++)
			strlist_add(field, p->words.items[used++]);
	}

	for (const struct opt *o = c->opts; o && o->kind; o++)
		if (o->required && !strlist_has(&p->given, o->name)) {
			AUTO(buf_release) struct buf b = BUF_INIT;
			option_label(&b, o);
			strlist_add(&missing, buf_str(&b));
		}

	if (missing.count) {
		AUTO(mem_freep) char *names = strlist_join(&missing, ", ");
		return err_set(
			p->err, ERR_USAGE, "the following arguments are required: %s", names);
	}

	for (; used < p->words.count; used++)
		strlist_add(&p->unknown, p->words.items[used]);
	return 0;
}

static char *did_you_mean(const struct str_nearest *n, const char *dashes)
{
	return n->found ? mem_printf("Did you mean '%s%s'?", dashes, n->found) : NULL;
}

static char *suggest_command(const struct cmd *const *table, const char *word)
{
	struct str_nearest n = {.wanted = word};
	for (; *table; table++) {
		if ((*table)->hidden)
			continue;
		str_nearest_try(&n, (*table)->name);
		for (const char *const *a = (*table)->aliases; a && *a; a++)
			str_nearest_try(&n, *a);
	}
	return did_you_mean(&n, "");
}

static char *suggest_option(const struct parser *p, const char *word)
{
	AUTO(mem_freep)
	char *name = mem_strndup(word + strspn(word, "-"), strcspn(word + strspn(word, "-"), "="));
	struct str_nearest n = {.wanted = name};
	for (int i = 0; i < p->place_count; i++)
		for (const struct opt *o = p->places[i].opts; o && o->kind; o++)
			if (o->name && !o->hidden)
				str_nearest_try(&n, o->name);
	return did_you_mean(&n, "--");
}

/* Is this a command of DVC 3.67.1 that cairn lacks? `group` is its group, or NULL. */
static bool is_of_dvc(const char *group, const char *word)
{
	static const char *const whole[] = {"daemon", "import-db", "studio", NULL};
	static const char *const none[] = {NULL};
	const char *const *w = group ? none : whole;
	while (*w && strcmp(*w, word) != 0)
		w++;
	return *w != NULL;
}

/* argparse's error for an unknown command, with a short form and a suggestion for users of
 * cairn. */
static int unknown_command(
	struct parsed *out, const struct cmd *const *table, const char *word, struct err *err)
{
	AUTO(buf_release) struct buf names = BUF_INIT;
	for (const struct cmd *const *c = table; *c; c++)
		if (!(*c)->hidden)
			buf_addf(&names, "%s'%s'", names.len ? ", " : "", (*c)->name);

	const char *group = out->depth ? out->chain[out->depth - 1]->name : NULL;
	if (is_of_dvc(group, word)) {
		out->brief = mem_printf("DVC's command '%s%s%s' does not exist here yet",
			group ? group : "", group ? " " : "", word);
	} else {
		out->suggestion = suggest_command(table, word);
		out->brief = group ? mem_printf("unknown command '%s' of '%s'", word, group)
				   : mem_printf("unknown command '%s'", word);
	}
	return err_set(err, ERR_USAGE, "argument %s: invalid choice: '%s' (choose from %s)",
		out->depth ? "cmd" : "command", word, buf_str(&names));
}

static void release_parser(struct parser *p)
{
	vec_release(&p->words);
	strlist_release(&p->unknown);
	strlist_release(&p->given);
}

int parse_command_line(struct parsed *out, int argc, char **argv, struct err *err)
{
	AUTO(release_parser) struct parser p = {.out = out, .err = err};
	const struct cmd *const *table = command_table;
	const struct cmd *command = NULL;

	p.places[p.place_count++] = (struct place){common_options, (char *)out};
	p.places[p.place_count++] = (struct place){global_options, (char *)out};
	bool takes_rest = false;

	for (int at = 1; at < argc; at++) {
		char *word = argv[at];
		if (!p.rest && strcmp(word, "--") == 0) {
			p.rest = true;
			continue;
		}

		if (!p.rest && is_option(&p, word)) {
			int r = parse_option(&p, argc, argv, &at);
			if (r < 0)
				return r;
			continue;
		}

		if (command) {
			*vec_push(&p.words) = word;
			p.rest |= takes_rest;
			continue;
		}

		const struct cmd *c = cmd_find(table, word);
		if (!c)
			return unknown_command(out, table, word, err);

		out->chain[out->depth++] = c;

		if (c->subs) {
			table = c->subs;
			continue;
		}

		command = c;
		out->opts = mem_zalloc(c->opts_size ? c->opts_size : 1);
		if (c->defaults)
			memcpy(out->opts, c->defaults, c->opts_size);

		/* The command's own options are searched first, as they may use a letter or name of
		 * a global one. */
		p.places[2] = p.places[1];
		p.places[1] = p.places[0];
		p.places[0] = (struct place){c->opts, out->opts};
		p.place_count = 3;

		for (const struct arg *a = c->args; a && a->count; a++)
			takes_rest |= a->count == ARG_REST;
	}

	if (out->help || out->version)
		return 0;
	if (!command) {
		if (p.unknown.count) {
			out->suggestion = suggest_option(&p, p.unknown.items[0]);
			AUTO(mem_freep) char *all = strlist_join(&p.unknown, " ");
			return err_set(err, ERR_USAGE, "unrecognized arguments: %s", all);
		}
		return err_set(err, ERR_USAGE, "the following arguments are required: %s",
			out->depth ? "cmd" : "command");
	}

	int r = assign_arguments(&p, command, out->opts);
	if (r < 0)
		return r;
	if (p.unknown.count) {
		out->suggestion = opt_looks_like(p.unknown.items[0])
					  ? suggest_option(&p, p.unknown.items[0])
					  : NULL;
		AUTO(mem_freep) char *all = strlist_join(&p.unknown, " ");
		return err_set(err, ERR_USAGE, "unrecognized arguments: %s", all);
	}

	return 0;
}
