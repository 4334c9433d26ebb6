#include "base/alloc.h"
#include "base/str.h"
#include "cmd/manual.h"
#include "cmd/parse.h"

/* "remote add" */
static char *joined(const struct cmd *const *chain, int depth, const char *separator)
{
	struct buf b = BUF_INIT;
	for (int i = 0; i < depth; i++)
		buf_addf(&b, "%s%s", i ? separator : "", chain[i]->name);
	return buf_detach(&b);
}

/*
 * Lines of a case statement that tells how far the words so far lead into the table: a command, or
 * another name of it, extends the path; any other word is an argument.
 */
struct path_cases {
	struct buf *out;
	const char *indent, *variable, *then; /* `then`: what else to do */
};

static int path_case(void *ctx, const struct cmd *const *chain, int depth, struct err *err)
{
	const struct path_cases *p = ctx;
	const struct cmd *c = chain[depth - 1];
	AUTO(mem_freep) char *parent = joined(chain, depth - 1, " ");
	AUTO(mem_freep) char *self = joined(chain, depth, " ");
	(void)err;
	buf_addf(p->out, "%s'%s'", p->indent, self);
	for (const char *const *a = c->aliases; a && *a; a++)
		buf_addf(p->out, "|'%s%s%s'", parent, *parent ? " " : "", *a);
	buf_addf(p->out, ") %s='%s'%s;;\n", p->variable, self, p->then);
	return 0;
}

static void add_option_words(struct buf *out, const struct opt *o)
{
	for (; o && o->kind; o++) {
		if (o->hidden)
			continue;
		if (o->letter)
			buf_addf(out, " -%c", o->letter);
		if (o->name)
			buf_addf(out, " --%s", o->name);
	}
}

static void add_command_words(struct buf *out, const struct cmd *const *table)
{
	for (; *table; table++)
		if (!(*table)->hidden)
			buf_addf(out, " %s", (*table)->name);
}

/* One line of a case statement: the words that may follow a command. */
static int bash_case(void *ctx, const struct cmd *const *chain, int depth, struct err *err)
{
	struct buf *out = ctx;
	const struct cmd *c = chain[depth - 1];
	AUTO(mem_freep) char *name = joined(chain, depth, " ");
	(void)err;
	buf_addf(out, "\t\t'%s') words='", name);
	size_t start = out->len;
	if (c->subs)
		add_command_words(out, c->subs);
	add_option_words(out, c->opts);
	add_option_words(out, common_options);
	if (out->len > start)
		buf_splice(out, start, 1, NULL, 0); /* the first space */
	buf_addf(out, "' files=%d;;\n", c->args != NULL);
	return 0;
}

void completion_bash(struct buf *out, const char *program)
{
	buf_addf(out,
		"# bash completion for %s; load it with: eval \"$(%s completion -s bash)\"\n_%s()\n{\n",
		program, program, program);
	buf_adds(out, "\tlocal cur=${COMP_WORDS[COMP_CWORD]} path='' word words files\n"
		      "\tCOMPREPLY=()\n"
		      "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		      "\t\tcase $word in\n"
		      "\t\t-*) ;;\n"
		      "\t\t*) case \"${path:+$path }$word\" in\n");
	AUTO(buf_release) struct buf cases = BUF_INIT;
	struct path_cases paths = {out, "\t\t   ", "path", ""};
	(void)command_each(path_case, &paths, NULL);
	(void)command_each(bash_case, &cases, NULL);
	buf_adds(out, "\t\t   esac;;\n\t\tesac\n\tdone\n\tcase $path in\n\t\t'') words='");
	AUTO(buf_release) struct buf top = BUF_INIT;
	add_command_words(&top, command_table);
	add_option_words(&top, common_options);
	add_option_words(&top, global_options);
	buf_addf(out, "%s' files=0;;\n", buf_str(&top) + 1);
	buf_addbuf(out, &cases);
	buf_adds(out, "\tesac\n"
		      "\tif [[ $cur == -* || $files == 0 ]]; then\n"
		      "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
		      "\telse\n"
		      "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
		      "\t\tcompopt -o filenames 2>/dev/null\n"
		      "\tfi\n}\n");
	buf_addf(out, "complete -F _%s %s\n", program, program);
}

/* Inside '...' of zsh and fish. */
static void add_quoted(struct buf *out, const char *text, const char *escape)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\'') {
			buf_adds(out, "'\\''");
			continue;
		}
		if (strchr(escape, *p))
			buf_addc(out, '\\');
		buf_addc(out, *p);
	}
}

static bool takes_value(const struct opt *o)
{
	return o->kind == OPT_KIND_INT || o->kind == OPT_KIND_INT64 || o->kind == OPT_KIND_STRING ||
	       o->kind == OPT_KIND_LIST || o->kind == OPT_KIND_MANY;
}

static void zsh_options(struct buf *out, const struct opt *o)
{
	for (; o && o->kind; o++) {
		if (o->hidden)
			continue;
		char letter[3] = {'-', o->letter, 0};
		AUTO(mem_freep) char *name = o->name ? mem_printf("--%s", o->name) : NULL;
		const char *forms[] = {o->letter ? letter : NULL, name};
		for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
			if (!forms[i])
				continue;
			buf_addf(out, " '*%s[", forms[i]);
			add_quoted(out, o->help ? o->help : "", "[]:");
			buf_adds(out, takes_value(o) ? "]:value:_files'" : "]'");
		}
	}
}

static void zsh_table(struct buf *out, const struct cmd *const *table)
{
	buf_adds(out, "\t\tlocal -a commands=(");
	for (; *table; table++) {
		if ((*table)->hidden)
			continue;
		buf_addf(out, "\n\t\t\t'%s:", (*table)->name);
		add_quoted(out, (*table)->summary, ":");
		buf_addc(out, '\'');
	}
	buf_adds(out, ")\n\t\t_describe command commands;;\n");
}

static int zsh_case(void *ctx, const struct cmd *const *chain, int depth, struct err *err)
{
	struct buf *out = ctx;
	const struct cmd *c = chain[depth - 1];
	AUTO(mem_freep) char *name = joined(chain, depth, " ");
	(void)err;
	buf_addf(out, "\t'%s')\n", name);
	if (c->subs) {
		zsh_table(out, c->subs);
		return 0;
	}
	buf_adds(out, "\t\t_arguments");
	zsh_options(out, c->opts);
	zsh_options(out, common_options);
	buf_adds(out, c->args ? " '*:argument:_files';;\n" : ";;\n");
	return 0;
}

void completion_zsh(struct buf *out, const char *program)
{
	buf_addf(out,
		"#compdef %s\n# zsh completion for %s; load it with: eval \"$(%s completion -s zsh)\"\n_%s()\n{\n",
		program, program, program, program);
	buf_adds(out, "\tlocal path_words='' used=1 word\n"
		      "\tfor word in ${words[2,CURRENT-1]}; do\n"
		      "\t\t[[ $word == -* ]] && continue\n"
		      "\t\tcase \"${path_words:+$path_words }$word\" in\n");
	AUTO(buf_release) struct buf cases = BUF_INIT;
	struct path_cases paths = {out, "\t\t", "path_words", "; (( used++ ))"};
	(void)command_each(path_case, &paths, NULL);
	(void)command_each(zsh_case, &cases, NULL);
	buf_adds(out,
		"\t\tesac\n\tdone\n\t(( CURRENT -= used - 1 )); shift $(( used - 1 )) words\n\tcase $path_words in\n\t'')\n");
	zsh_table(out, command_table);
	buf_addbuf(out, &cases);
	buf_addf(out, "\tesac\n}\ncompdef _%s %s\n", program, program);
}

struct fish {
	struct buf *out;
	const char *program;
};

static void fish_options(struct fish *f, const struct opt *o, const char *condition)
{
	for (; o && o->kind; o++) {
		if (o->hidden)
			continue;
		buf_addf(f->out, "complete -c %s -n '%s'", f->program, condition);
		if (o->letter)
			buf_addf(f->out, " -s %c", o->letter);
		if (o->name)
			buf_addf(f->out, " -l %s", o->name);
		if (takes_value(o))
			buf_adds(f->out, " -r");
		buf_adds(f->out, " -d '");
		add_quoted(f->out, o->help ? o->help : "", "");
		buf_adds(f->out, "'\n");
	}
}

static int fish_command(void *ctx, const struct cmd *const *chain, int depth, struct err *err)
{
	struct fish *f = ctx;
	const struct cmd *c = chain[depth - 1];
	AUTO(mem_freep) char *parent = joined(chain, depth - 1, " ");
	AUTO(mem_freep) char *self = joined(chain, depth, " ");
	AUTO(mem_freep) char *condition = mem_printf("__%s_at %s", f->program, self);
	(void)err;
	buf_addf(f->out, "complete -c %s -f -n '__%s_is%s%s' -a %s -d '", f->program, f->program,
		*parent ? " " : "", parent, c->name);
	add_quoted(f->out, c->summary, "");
	buf_adds(f->out, "'\n");
	fish_options(f, c->opts, condition);
	fish_options(f, common_options, condition);
	return 0;
}

/* A word that is another name of a command is read as the command; its group comes before it. */
static int fish_alias(void *ctx, const struct cmd *const *chain, int depth, struct err *err)
{
	const struct cmd *c = chain[depth - 1];
	AUTO(mem_freep) char *parent = joined(chain, depth - 1, " ");
	(void)err;
	for (const char *const *a = c->aliases; a && *a; a++)
		buf_addf(ctx, "\ttest \"$words[1..%d]\" = '%s%s%s'; and set words[%d] %s\n", depth,
			parent, *parent ? " " : "", *a, depth, c->name);
	return 0;
}

void completion_fish(struct buf *out, const char *program)
{
	struct fish f = {out, program};
	AUTO(mem_freep) char *top = mem_printf("__%s_is", program);
	buf_addf(out,
		"# fish completion for %s; load it with: %s completion -s fish | source\n"
		"function __%s_words\n"
		"\tset -l words (commandline -opc | string match -v -- '-*')\n"
		"\tset -e words[1]\n",
		program, program, program);
	(void)command_each(fish_alias, out, NULL);
	buf_addf(out,
		"\tprintf '%%s\\n' $words\n"
		"end\n"
		"function __%s_is\n"
		"\tset -l words (__%s_words)\n"
		"\ttest \"$words\" = \"$argv\"\n"
		"end\n"
		"function __%s_at\n"
		"\tset -l words (__%s_words)\n"
		"\tset -l n (count $argv)\n"
		"\ttest (count $words) -ge $n; and test \"$words[1..$n]\" = \"$argv\"\n"
		"end\n",
		program, program, program, program);
	fish_options(&f, global_options, top);
	fish_options(&f, common_options, top);
	(void)command_each(fish_command, &f, NULL);
}
