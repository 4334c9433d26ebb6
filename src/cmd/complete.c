/*
 * `complete`: the candidates for the word at the cursor. The shell scripts of completion_scripts.c
 * call it at each press of the completion key.
 *
 * The first line of the answer says how to use the others: "words" (whole words), "part" (the word
 * may go on), "files" or "dirs" (the shell lists these itself; no line follows). Then comes one
 * candidate per line, followed by a tab and a help text, except for bash.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/parse.h"
#include "cmd/words.h"
#include "project/repo.h"
#include "ui/say.h"

/* The state after the words before the current one. */
struct line {
	const struct cmd *const *table; /* commands that may come next, or NULL */
	const struct cmd *command;
	const struct opt *pending; /* the option whose value comes next, or may come next */
	size_t arguments;          /* number of arguments read */
	const char *argument;      /* the last argument, or NULL */
	const char *cd;
	/* no options from here on: after "--", or in a command that takes all the rest */
	bool only_arguments;
};

struct answer {
	const char *mode;
	struct words words;
	const char *prefix; /* precedes each candidate: "--rev=" */
	size_t prefix_len;
};

static const struct opt *find_option(const struct line *l, const char *name, size_t len)
{
	const struct opt *const tables[] = {
		l->command ? l->command->opts : NULL, common_options, global_options};
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct opt *o = tables[i]; o && o->kind; o++) {
			bool is_long = len > 2 && o->name && strlen(o->name) == len - 2 &&
				       strncmp(o->name, name + 2, len - 2) == 0;
			if (name[1] == '-' ? is_long : o->letter == name[1])
				return o;
		}
	return NULL;
}

static bool may_take_value(const struct opt *o)
{
	return opt_takes_value(o) || o->kind == OPT_KIND_OPTIONAL || o->kind == OPT_KIND_MANY;
}

/* Read an option: "--rev", "--rev=x", "-j", "-j4", "-qj". */
static void take_option(struct line *l, const char *word)
{
	const struct opt *o = NULL;
	l->pending = NULL;

	if (word[1] == '-') {
		const char *equals = strchr(word, '=');
		o = find_option(l, word, strcspn(word, "="));
		if (o && o->name && strcmp(o->name, "cd") == 0 && equals)
			l->cd = equals + 1;
		l->pending = o && !equals && may_take_value(o) ? o : NULL;
		return;
	}

	for (const char *c = word + 1; *c; c++) {
		char letter[] = {'-', *c, '\0'};
		o = find_option(l, letter, 2);
		if (!o || !may_take_value(o))
			continue;
		l->pending = c[1] ? NULL : o;
		return;
	}
}

/* Read a command name or an argument. */
static void take_argument(struct line *l, const char *word)
{
	if (!l->command) {
		const struct cmd *c = l->table ? cmd_find(l->table, word) : NULL;
		l->table = c ? c->subs : NULL;
		l->command = c && !c->subs ? c : NULL;
		return;
	}
	l->arguments++;
	l->argument = word;
	for (const struct arg *a = l->command->args; a && a->count; a++)
		l->only_arguments |= a->count == ARG_REST;
}

static void take_word(struct line *l, const char *word)
{
	if (l->only_arguments) {
		take_argument(l, word);
	} else if (strcmp(word, "--") == 0) {
		l->only_arguments = true;
		l->pending = NULL;
	} else if (opt_looks_like(word)) {
		take_option(l, word);
	} else if (l->pending) {
		if (l->pending->name && strcmp(l->pending->name, "cd") == 0)
			l->cd = word;
		if (l->pending->kind != OPT_KIND_MANY)
			l->pending = NULL;
	} else {
		take_argument(l, word);
	}
}

static void offer_commands(struct answer *a, const struct cmd *const *table)
{
	for (; *table; table++)
		if (!(*table)->hidden)
			words_add(&a->words, (*table)->name, (*table)->summary);
}

static void offer_options(struct answer *a, const struct line *l)
{
	const struct opt *const tables[] = {l->command ? l->command->opts : NULL, common_options,
		l->command ? NULL : global_options};
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct opt *o = tables[i]; o && o->kind; o++) {
			char letter[] = {'-', o->letter, '\0'};
			AUTO(mem_freep) char *name = o->name ? mem_printf("--%s", o->name) : NULL;
			if (!o->hidden)
				words_add(&a->words, name ? name : letter, o->help);
		}
}

/* List files here instead of in the shell, which would list the wrong directory after --cd. */
static void offer_files(struct answer *a, bool dirs_only, const char *typed)
{
	const char *slash = strrchr(typed, '/');
	AUTO(mem_freep) char *dir = mem_strndup(typed, slash ? (size_t)(slash - typed) + 1 : 0);
	const char *begun = slash ? slash + 1 : typed;
	DIR *d = opendir(*dir ? dir : ".");

	for (const struct dirent *e; d && (e = readdir(d));) {
		struct stat st;
		if (e->d_name[0] == '.' && begun[0] != '.')
			continue;
		bool is_dir = fstatat(dirfd(d), e->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
		AUTO(mem_freep) char *path = mem_printf(
			"%s%s%s", dir, e->d_name, is_dir ? "/" : "");
		if (is_dir || !dirs_only)
			words_add(&a->words, path, NULL);
	}

	if (d)
		closedir(d);
	a->mode = "part";
}

/* Offer the words of one kind. `typed` is the current word so far. */
static void offer_kind(
	struct answer *a, const struct line *l, enum word_kind kind, const char *typed)
{
	AUTO(repo_release) struct repo repo = REPO_INIT;
	if (kind == WORD_FILE || kind == WORD_DIR) {
		if (l->cd)
			offer_files(a, kind == WORD_DIR, typed);
		else
			a->mode = kind == WORD_FILE ? "files" : "dirs";
		return;
	}
	bool open = repo_open(&repo, NULL, ".", NULL) >= 0;
	words_collect(
		&a->words, open ? &repo : NULL, kind, kind == WORD_PARAM ? typed : l->argument);
}

/* Offer the values of an option. A parameter of --set-param is followed by "=" and its value. */
static void offer_value(
	struct answer *a, const struct line *l, const struct opt *o, const char *typed)
{
	for (const char *const *c = o->choices; c && *c; c++)
		words_add(&a->words, *c, NULL);
	if (o->choices)
		return;

	offer_kind(a, l, o->takes, typed);

	if (o->takes == WORD_PARAM && o->metavar && str_ends(o->metavar, "=value"))
		VEC_EACH (&a->words.list, w) {
			if (str_ends(w->text, ":"))
				continue;
			char *whole = mem_printf("%s=", w->text);
			free(w->text);
			w->text = whole;
		}

	if (o->takes == WORD_PARAM)
		a->mode = "part";
}

/* The declaration of the current argument; NULL: there is none. */
static const struct arg *argument_at(const struct line *l)
{
	const struct arg *a = l->command->args;
	for (size_t i = l->arguments; a && a->count && i; i--, a++)
		if (a->count >= ARG_ANY)
			break;
	return a && a->count ? a : NULL;
}

static void offer(struct answer *a, const struct line *l, const char *typed)
{
	const char *equals = strchr(typed, '=');
	bool option = !l->only_arguments && typed[0] == '-';

	if (option && typed[1] == '-' && equals) {
		const struct opt *o = find_option(l, typed, (size_t)(equals - typed));
		a->prefix = typed;
		a->prefix_len = (size_t)(equals - typed) + 1;
		if (o)
			offer_value(a, l, o, equals + 1);
	} else if (option) {
		offer_options(a, l);
	} else if (l->pending &&
		   (opt_takes_value(l->pending) || l->pending->takes || l->pending->choices)) {
		offer_value(a, l, l->pending, typed);
	} else if (l->table) {
		offer_commands(a, l->table);
	} else if (l->command) {
		const struct arg *arg = argument_at(l);
		if (arg)
			offer_kind(a, l, arg->takes, typed);
		/* a path in a tracked directory is a target, too, but is not listed as one */
		if (arg && arg->takes == WORD_TARGET && !words_begin(&a->words, typed))
			offer_kind(a, l, WORD_FILE, typed);
	}
}

/* Append a candidate for bash. It is quoted, unless the user has opened a quote. Bash has cut the
 * word at the last ":" or "=" (COMP_WORDBREAKS), so the part before that is left out. */
static void add_for_bash(struct buf *out, const char *text, size_t cut, bool quoted)
{
	for (const char *p = text + MIN(cut, strlen(text)); *p; p++) {
		if (!quoted && strchr(" \t\\\"'`$&|;<>()[]{}*?!#~", *p))
			buf_addc(out, '\\');
		buf_addc(out, *p);
	}
}

static void print_answer(const struct answer *a, const char *typed, bool bash, bool quoted)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	const char *rest = typed + a->prefix_len;
	size_t cut = 0;

	for (size_t i = 0; bash && !quoted && typed[i]; i++)
		if (typed[i] == ':' || typed[i] == '=')
			cut = i + 1;

	buf_addf(&out, "%s\n", a->mode);
	bool words = strcmp(a->mode, "words") == 0 || strcmp(a->mode, "part") == 0;
	VEC_EACH (&a->words.list, w) {
		if (!words || !str_starts(w->text, rest) || strpbrk(w->text, "\n\t"))
			continue;
		AUTO(mem_freep) char *whole = mem_printf(
			"%.*s%s", (int)a->prefix_len, typed, w->text);
		if (bash)
			add_for_bash(&out, whole, cut, quoted);
		else
			buf_addf(&out, "%s\t%s", whole, w->help ? w->help : "");
		buf_addc(&out, '\n');
	}

	say_raw(out.ptr, out.len);
}

/* Split a line into words as a shell does. True: the last word has an open quote. */
static bool split_line(struct strlist *out, const char *text)
{
	AUTO(buf_release) struct buf word = BUF_INIT;
	char quote = '\0';

	for (const char *p = text; *p; p++) {
		if (quote ? *p == quote : *p == '\'' || *p == '"') {
			quote = quote ? '\0' : *p;
		} else if (*p == '\\' && quote != '\'' && p[1]) {
			buf_addc(&word, *++p);
		} else if (!quote && (*p == ' ' || *p == '\t')) {
			if (word.len)
				strlist_addn(out, word.ptr, word.len);
			buf_clear(&word);
		} else {
			buf_addc(&word, *p);
		}
	}

	strlist_add(out, buf_str(&word));
	return quote;
}

struct complete_opts {
	const char *line;
	struct strlist words;
};

static int complete_run(struct app *app, const void *opts, struct err *err)
{
	const struct complete_opts *o = opts;
	AUTO(strlist_release) struct strlist split = STRLIST_INIT;
	struct line l = {.table = command_table};
	struct answer a = {.mode = "words"};
	const struct strlist *words = &o->words;
	bool quoted = false;

	(void)app;
	(void)err;

	if (o->line) {
		quoted = split_line(&split, o->line);
		strlist_remove_at(&split, 0); /* the program's name */
		words = &split;
	}

	if (!words->count)
		return 0;

	const char *typed = words->items[words->count - 1];
	for (size_t i = str_eq(words->items[0], "help"); i + 1 < words->count; i++)
		take_word(&l, words->items[i]);

	if (!l.cd || chdir(l.cd) == 0)
		offer(&a, &l, typed);
	print_answer(&a, typed, o->line != NULL, quoted);
	words_release(&a.words);
	return 0;
}

static const struct opt complete_options[] = {
	OPT_STRING(complete_opts, line, 0, "line", "text", "the command line as bash has it"),
	OPT_END,
};

static const struct arg complete_args[] = {
	ARG_(ARG_REST, complete_opts, words, "words",
		"the words behind the program; the last is the one to complete"),
	{ARG_END},
};

const struct cmd cmd_complete = {
	.name = "complete",
	.summary = "list what may stand for the last word of a command line",
	.opts = complete_options,
	.args = complete_args,
	.opts_size = sizeof(struct complete_opts),
	.run = complete_run,
	.hidden = true,
};
