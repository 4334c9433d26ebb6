/* A parser by recursive descent, which makes a tree of conditions, and its evaluation. */
#include "exp/filter.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/vec.h"

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_IS_SET, NODE_COMPARE };
enum operator{ OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_MATCH };

struct node {
	enum node_kind kind;
	struct node *left, *right; /* NODE_NOT has only the left one */
	const char *name;
	size_t at; /* offset of the name in the text */
	enum operator op;
	const char *text; /* of the value */
	double number;
	bool is_number; /* a bare word that is one; text in quotes is none */
	bool is_time;   /* the name is that of a time */
	regex_t re;     /* of OP_MATCH */
	struct node *next_with_regex;
};

struct filter {
	struct arena arena;
	const char *text;
	struct node *root;
	struct node *with_regex; /* to be released */
	VEC(const struct node *) named;
};

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_NAME,
	TOKEN_STRING,
	TOKEN_OP,
	TOKEN_OPEN,
	TOKEN_CLOSE
};

struct token {
	enum token_kind kind;
	size_t at;
	const char *text; /* of a word, a name or a string */
	enum operator op;
};

struct parser {
	struct filter *f;
	size_t at; /* of what follows the present token */
	struct token token;
	int depth;
	struct err *err;
};

/* ---- messages ---- */

/* The line of the text with the place, and a mark below it. */
static int fail_at(const struct filter *f, size_t at, struct err *err, const char *what)
{
	const char *text = f->text;
	AUTO(buf_release) struct buf mark = BUF_INIT;
	size_t from = at, to = at;

	while (from > 0 && text[from - 1] != '\n')
		from--;
	to += strcspn(text + at, "\n");
	for (int n = str_display_width(text + from, at - from); n > 0; n--)
		buf_addc(&mark, ' ');
	return err_set(err, ERR_VALUE, "bad condition: %s at position %zu\n  %.*s\n  %s^", what,
		str_utf8_len(text, at) + 1, (int)(to - from), text + from, buf_str(&mark));
}

static int expected(const struct parser *p, const char *what)
{
	AUTO(mem_freep) char *message = mem_printf("expected %s", what);

	return fail_at(p->f, p->token.at, p->err, message);
}

/* ---- tokens ---- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_word(char c)
{
	return c == '\0' || is_space(c) || strchr("()=!<>~'\"`", c);
}

/* Read text in quotes; p->at is at the first quote. */
static int read_quoted(struct parser *p, char quote, struct token *out)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *s = p->f->text;
	size_t at = p->at + 1;

	for (; s[at] && s[at] != quote; at++) {
		if (s[at] == '\\' && s[at + 1])
			at++;
		buf_addc(&text, s[at]);
	}
	if (!s[at])
		return fail_at(p->f, p->at, p->err, "text in quotes does not end");
	out->kind = quote == '`' ? TOKEN_NAME : TOKEN_STRING;
	out->text = arena_strndup(&p->f->arena, buf_str(&text), text.len);
	p->at = at + 1;
	return 0;
}

static bool read_operator(struct parser *p, struct token *out)
{
	static const struct {
		const char *text;
		enum operator op;
	} ops[] = {{"!=", OP_NE}, {"<=", OP_LE}, {">=", OP_GE}, {"==", OP_EQ}, {"=", OP_EQ},
		{"<", OP_LT}, {">", OP_GT}, {"~", OP_MATCH}};

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!str_starts(p->f->text + p->at, ops[i].text))
			continue;
		out->kind = TOKEN_OP;
		out->op = ops[i].op;
		p->at += strlen(ops[i].text);
		return true;
	}
	return false;
}

/* Read the next token into p->token. */
static int next(struct parser *p)
{
	const char *s = p->f->text;
	size_t from;

	while (is_space(s[p->at]))
		p->at++;
	p->token = (struct token){.at = p->at};
	switch (s[p->at]) {
	case '\0':
		return 0;
	case '(':
	case ')':
		p->token.kind = s[p->at++] == '(' ? TOKEN_OPEN : TOKEN_CLOSE;
		return 0;
	case '\'':
	case '"':
	case '`':
		return read_quoted(p, s[p->at], &p->token);
	default:
		break;
	}
	if (read_operator(p, &p->token))
		return 0;
	if (ends_word(s[p->at]))
		return fail_at(p->f, p->at, p->err, "unexpected character");
	for (from = p->at; !ends_word(s[p->at]);)
		p->at++;
	p->token.kind = TOKEN_WORD;
	p->token.text = arena_strndup(&p->f->arena, s + from, p->at - from);
	return 0;
}

static bool is_word(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORD && strcmp(p->token.text, word) == 0;
}

static bool is_keyword(const struct parser *p)
{
	return is_word(p, "and") || is_word(p, "or") || is_word(p, "not");
}

/* ---- the tree ---- */

static struct node *node_new(struct parser *p, enum node_kind kind)
{
	struct node *n = ARENA_NEW(&p->f->arena, struct node);

	n->kind = kind;
	return n;
}

/* Is it a number, as a whole? strtod() takes hexadecimal digits and "infinity", too; these are
 * numbers in YAML and JSON as they are read here. "nan" is a text, in any case and with any sign:
 * it is in no order with numbers, and equal to none. */
static bool read_number(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return *text && !*end && *out == *out;
}

static int read_value(struct parser *p, struct node *n)
{
	bool bare = p->token.kind == TOKEN_WORD;
	char why[160];
	int code;

	if ((!bare && p->token.kind != TOKEN_STRING) || is_keyword(p))
		return expected(p, "a value");
	n->text = p->token.text;
	n->is_number = bare && read_number(n->text, &n->number);
	if (n->op != OP_MATCH)
		return next(p);

	code = regcomp(&n->re, n->text, REG_EXTENDED | REG_NOSUB);
	if (code != 0) {
		(void)regerror(code, &n->re, why, sizeof(why));
		return fail_at(p->f, p->token.at, p->err, why);
	}
	n->next_with_regex = p->f->with_regex;
	p->f->with_regex = n;
	return next(p);
}

static int parse_comparison(struct parser *p, struct node **out)
{
	struct node *n;
	int r;

	if ((p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_NAME) || is_keyword(p))
		return expected(p, "a column");
	n = node_new(p, NODE_IS_SET);
	n->name = p->token.text;
	n->at = p->token.at;
	n->is_time = str_eq(n->name, "created") || str_eq(n->name, "date");
	*vec_push(&p->f->named) = n;
	*out = n;
	r = next(p);
	if (r < 0 || p->token.kind != TOKEN_OP)
		return r;
	n->kind = NODE_COMPARE;
	n->op = p->token.op;
	r = next(p);
	return r < 0 ? r : read_value(p, n);
}

static int parse_or(struct parser *p, struct node **out);

static int parse_not(struct parser *p, struct node **out)
{
	int r;

	if (++p->depth > FILTER_MAX_DEPTH)
		return fail_at(p->f, p->token.at, p->err, "too many levels");
	if (is_word(p, "not")) {
		*out = node_new(p, NODE_NOT);
		r = next(p);
		if (r == 0)
			r = parse_not(p, &(*out)->left);
	} else if (p->token.kind == TOKEN_OPEN) {
		r = next(p);
		if (r == 0)
			r = parse_or(p, out);
		if (r == 0 && p->token.kind != TOKEN_CLOSE)
			r = expected(p, "')', \"and\" or \"or\"");
		if (r == 0)
			r = next(p);
	} else {
		r = parse_comparison(p, out);
	}
	p->depth--;
	return r;
}

static int parse_row(struct parser *p, const char *word, enum node_kind kind,
	int (*part)(struct parser *p, struct node **out), struct node **out)
{
	int r = part(p, out);

	while (r == 0 && is_word(p, word)) {
		struct node *n = node_new(p, kind);

		n->left = *out;
		*out = n;
		r = next(p);
		if (r == 0)
			r = part(p, &n->right);
	}
	return r;
}

static int parse_and(struct parser *p, struct node **out)
{
	return parse_row(p, "and", NODE_AND, parse_not, out);
}

static int parse_or(struct parser *p, struct node **out)
{
	return parse_row(p, "or", NODE_OR, parse_and, out);
}

int filter_parse(struct filter **out, const char *text, struct err *err)
{
	struct filter *f = mem_zalloc(sizeof(*f));
	struct parser p = {.f = f, .err = err};
	int r;

	if (strlen(text) > FILTER_MAX_BYTES) {
		filter_free(f);
		return err_set(err, ERR_VALUE, "bad condition: it is longer than %d bytes",
			FILTER_MAX_BYTES);
	}
	f->text = arena_strdup(&f->arena, text);
	r = next(&p);
	if (r == 0)
		r = parse_or(&p, &f->root);
	if (r == 0 && p.token.kind != TOKEN_END)
		r = expected(&p, "\"and\" or \"or\"");
	if (r < 0) {
		filter_free(f);
		return r;
	}
	*out = f;
	return 0;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (struct node *n = f->with_regex; n; n = n->next_with_regex)
		regfree(&n->re);
	vec_release(&f->named);
	arena_release(&f->arena);
	free(f);
}

/* ---- evaluation ---- */

static bool by_order(enum operator op, int order)
{
	switch (op) {
	case OP_EQ:
		return order == 0;
	case OP_LT:
		return order < 0;
	case OP_LE:
		return order <= 0;
	case OP_GT:
		return order > 0;
	case OP_GE:
		return order >= 0;
	case OP_NE:
	case OP_MATCH:
		break;
	}
	return false;
}

/* The text of a single value. */
static void add_text(struct buf *out, const struct value *v)
{
	if (value_is(v, VALUE_BOOL))
		buf_adds(out, v->boolean ? "true" : "false");
	else if (value_is(v, VALUE_NULL))
		buf_adds(out, "null");
	else
		value_add_str(out, v);
}

/* Does a single value fulfil the comparison? Never asked for "!=". */
static bool compare_one(const struct node *n, const struct value *v)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	double a;

	if (value_is_number(v) && n->is_number && n->op != OP_MATCH) {
		a = value_number(v);
		/* a number that is none (nan) is in no order */
		return a == a && by_order(n->op, (a > n->number) - (a < n->number));
	}
	add_text(&text, v);
	if (n->op == OP_MATCH)
		return regexec(&n->re, buf_str(&text), 0, NULL, 0) == 0;
	if (n->op != OP_EQ && (value_is_number(v) || n->is_number) && !n->is_time)
		return false; /* a number and a text are in no order */
	if (n->is_time)
		buf_truncate(&text, MIN(text.len, strlen(n->text)));
	return by_order(n->op, strcmp(buf_str(&text), n->text));
}

static bool compare(const struct node *n, const struct value *v)
{
	if (!v)
		return n->op == OP_NE;
	if (n->op == OP_NE) {
		struct node equal = *n;

		equal.op = OP_EQ;
		return !compare(&equal, v);
	}
	if (!value_is_list(v))
		return compare_one(n, v);
	for (size_t i = 0; i < value_count(v); i++)
		if (compare_one(n, v->list.items[i].value))
			return true;
	return false;
}

static bool is_set(const struct value *v)
{
	if (!v || value_is(v, VALUE_NULL))
		return false;
	if (value_is(v, VALUE_BOOL))
		return v->boolean;
	if (value_is_list(v))
		return value_count(v) > 0;
	return !value_str(v) || *value_str(v);
}

static bool match(const struct node *n, filter_get_fn get, void *ctx)
{
	switch (n->kind) {
	case NODE_AND:
		return match(n->left, get, ctx) && match(n->right, get, ctx);
	case NODE_OR:
		return match(n->left, get, ctx) || match(n->right, get, ctx);
	case NODE_NOT:
		return !match(n->left, get, ctx);
	case NODE_IS_SET:
		return is_set(get(ctx, n->name));
	case NODE_COMPARE:
		return compare(n, get(ctx, n->name));
	}
	return false;
}

bool filter_match(const struct filter *f, filter_get_fn get, void *ctx)
{
	return match(f->root, get, ctx);
}

int filter_check_names(const struct filter *f, bool (*is_known)(void *ctx, const char *name),
	void *ctx, struct err *err)
{
	VEC_EACH (&f->named, n) {
		AUTO(mem_freep) char *what = NULL;

		if (is_known(ctx, (*n)->name))
			continue;
		what = mem_printf("there is no column '%s'", (*n)->name);
		return fail_at(f, (*n)->at, err, what);
	}
	return 0;
}
