/*
 * The grammar of one override, as in Hydra 1.3: override_key.c reads the key, the value is read as
 * a list of tokens. The kinds of tokens and the rules have the names and order of Hydra's ANTLR
 * grammar, so that error messages are the same.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "hydra/override_int.h"
#include "hydra/token.h"
#include "text/number.h"

/* In the order of Hydra's grammar: of two tokens of the same length the first one counts. */
enum token_kind {
	T_EOF,
	T_EQUAL,
	T_POPEN,
	T_PCLOSE,
	T_COMMA,
	T_COLON,
	T_BRACKET_OPEN,
	T_BRACKET_CLOSE,
	T_BRACE_OPEN,
	T_BRACE_CLOSE,
	T_FLOAT,
	T_INT,
	T_BOOL,
	T_NULL,
	T_CHAR,
	T_ID,
	T_ESC,
	T_WS,
	T_QUOTED,
	T_INTERPOLATION,
};

/* Limits against hostile input; nobody writes such overrides. */
enum { MAX_ARGS = 256, MAX_DEPTH = 64 };

struct token {
	enum token_kind kind;
	size_t start, len;
};

struct parser {
	struct arena *arena;
	const char *text;
	VEC(struct token) tokens;
	size_t at;
	size_t value_start; /* byte offset of the value, for messages */
	int depth;
	/* The first message of a function that failed. Hydra calls functions when everything is
	 * parsed, so an error of the grammar behind it has precedence. */
	char *error;
	struct err *err;
};

/* ---- lexer: each function returns the length of its token at `s`, 0 if there is none */

/* From a quote to the next one that has an even number of backslashes in front of it. */
static size_t quoted_len(const char *s)
{
	if (*s != '"' && *s != '\'')
		return 0;

	size_t slashes = 0;
	for (size_t n = 1; s[n]; n++) {
		if (s[n] == *s && slashes % 2 == 0)
			return n + 1;
		slashes = s[n] == '\\' ? slashes + 1 : 0;
	}
	return 0;
}

/* "${...}" without a closing brace inside. */
static size_t interpolation_len(const char *s)
{
	if (s[0] != '$' || s[1] != '{')
		return 0;
	size_t n = 2 + strcspn(s + 2, "}");
	return n > 2 && s[n] ? n + 1 : 0;
}

static void consider(struct token *best, enum token_kind kind, size_t len)
{
	if (len > best->len) /* of equal lengths the first in the grammar counts */
		*best = (struct token){kind, best->start, len};
}

/* The longest token at `at`. Blanks around brackets, commas, colons and equal signs belong to
 * these. */
static struct token next_token(const char *text, size_t at)
{
	static const struct {
		char c;
		enum token_kind kind;
		bool before, after;
	} marks[] = {{'(', T_POPEN, true, true}, {',', T_COMMA, true, true},
		{')', T_PCLOSE, true, false}, {'[', T_BRACKET_OPEN, false, true},
		{']', T_BRACKET_CLOSE, true, false}, {'{', T_BRACE_OPEN, false, true},
		{'}', T_BRACE_CLOSE, true, false}, {':', T_COLON, true, true},
		{'=', T_EQUAL, true, true}};
	const char *s = text + at;
	struct token best = {T_EOF, at, 0};
	size_t blank = token_blank_len(s);

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		size_t skip = marks[i].before ? blank : 0;
		if (s[skip] == marks[i].c)
			consider(&best, marks[i].kind,
				skip + 1 + (marks[i].after ? token_blank_len(s + skip + 1) : 0));
	}

	consider(&best, T_FLOAT, token_float_len(s));
	consider(&best, T_INT, token_int_len(s));
	consider(&best, T_BOOL, token_word_len(s, "true"));
	consider(&best, T_BOOL, token_word_len(s, "false"));
	consider(&best, T_NULL, token_word_len(s, "null"));
	consider(&best, T_CHAR, *s && strchr("/-\\+.$%*@?|", *s) ? 1 : 0);
	consider(&best, T_ID, token_id_len(s));
	consider(&best, T_ESC, token_escape_len(s));
	consider(&best, T_WS, blank);
	consider(&best, T_QUOTED, quoted_len(s));
	consider(&best, T_INTERPOLATION, interpolation_len(s));
	return best;
}

/* Split the value into tokens; the last one is T_EOF. */
static int read_tokens(struct parser *p, size_t at)
{
	p->value_start = at;
	while (p->text[at]) {
		struct token t = next_token(p->text, at);
		if (!t.len)
			return override_fail_lexer(p->text, at, p->err);
		*vec_push(&p->tokens) = t;
		at += t.len;
	}
	*vec_push(&p->tokens) = (struct token){T_EOF, at, 0};
	return 0;
}

/* ---- parser */

static void note_error(struct parser *p, char *error)
{
	if (!p->error)
		p->error = error;
}

/* (MIN: reading on behind the end gives T_EOF again) */
static const struct token *peek(const struct parser *p)
{
	return &p->tokens.items[MIN(p->at, p->tokens.count - 1)];
}

static bool take(struct parser *p, enum token_kind kind)
{
	if (peek(p)->kind != kind)
		return false;
	p->at++;
	return true;
}

/* (kinds from T_FLOAT on) */
static bool is_primitive(enum token_kind kind)
{
	return kind >= T_FLOAT || kind == T_COLON;
}

static char *token_text(struct parser *p, const struct token *t)
{
	return arena_strndup(p->arena, p->text + t->start, t->len);
}

static struct value *plain_string(struct parser *p, const char *s, size_t len)
{
	return value_stringn(p->arena, s, len);
}

/* Remove the backslash of each escaped character. */
static void add_unescaped(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 1; i < len; i += 2)
		buf_addc(out, s[i]);
}

/* In a quoted string, backslashes in front of a quote (the closing one, too) are halved; others
 * stay. */
static struct value *quoted_string(struct parser *p, const struct token *t)
{
	const char *s = p->text + t->start;
	char quote = s[0];
	AUTO(buf_release) struct buf out = BUF_INIT;
	for (size_t i = 1; i < t->len - 1;) {
		size_t n = 0;
		while (s[i + n] == '\\')
			n++;
		if (n && s[i + n] == quote) { /* \" is a quote, \\ a backslash */
			bool closing = i + n == t->len - 1;
			buf_addn(&out, '\\', n / 2);
			if (!closing)
				buf_addc(&out, quote);
			i += n + 1;
		} else if (n) {
			buf_addn(&out, '\\', n);
			i += n;
		} else {
			buf_addc(&out, s[i++]);
		}
	}

	struct value *v = plain_string(p, buf_str(&out), out.len);
	v->pos.column = (uint32_t)quote; /* remembers the quote, see override_int.h */
	return v;
}

/* Underscores between digits are dropped, as in Python. */
static struct value *number(struct parser *p, const struct token *t)
{
	AUTO(buf_release) struct buf digits = BUF_INIT;
	for (size_t i = 0; i < t->len; i++)
		if (p->text[t->start + i] != '_')
			buf_addc(&digits, p->text[t->start + i]);

	if (t->kind == T_INT)
		return number_parse_int(p->arena, digits.ptr, digits.len);
	return value_float(p->arena, strtod(digits.ptr, NULL));
}

/* The value of a primitive that is a single token. */
static struct value *single_token(struct parser *p, const struct token *t)
{
	const char *s = p->text + t->start;
	AUTO(buf_release) struct buf text = BUF_INIT;
	switch (t->kind) {
	case T_QUOTED:
		return quoted_string(p, t);
	case T_INT:
	case T_FLOAT:
		return number(p, t);
	case T_NULL:
		return value_null(p->arena);
	case T_BOOL:
		return value_bool(p->arena, t->len == 4); /* "true" has four characters */
	case T_ESC:
		add_unescaped(&text, s, t->len);
		return plain_string(p, buf_str(&text), text.len);
	default:
		return plain_string(p, s, t->len);
	}
}

/* Read a run of tokens that make up one primitive; blanks at both ends are dropped. A key has fewer
 * kinds of tokens. */
static struct value *read_primitive(struct parser *p, bool key)
{
	size_t first = p->at, end = first;

	if (peek(p)->kind == T_QUOTED && !key) {
		p->at++;
		return single_token(p, &p->tokens.items[first]);
	}

	for (;; end++) {
		enum token_kind k = p->tokens.items[end].kind;
		if (!is_primitive(k) || k == T_QUOTED ||
			(key && (k == T_COLON || k == T_INTERPOLATION)))
			break;
	}

	if (end == first)
		return NULL;

	p->at = end;
	if (p->tokens.items[first].kind == T_WS)
		first++;
	if (end > first && p->tokens.items[end - 1].kind == T_WS)
		end--;

	if (end <= first) {
		note_error(p, arena_strdup(p->arena,
				      "Trying to parse a primitive that is all whitespaces"));
		return value_null(p->arena);
	}

	/* a single token has a type; several are always a string */
	if (end - first == 1)
		return single_token(p, &p->tokens.items[first]);

	AUTO(buf_release) struct buf text = BUF_INIT;
	for (size_t i = first; i < end; i++) {
		const struct token *t = &p->tokens.items[i];
		if (t->kind == T_ESC)
			add_unescaped(&text, p->text + t->start, t->len);
		else
			buf_add(&text, p->text + t->start, t->len);
	}
	return plain_string(p, buf_str(&text), text.len);
}

static bool read_element(struct parser *p, struct element *out);

/* A sweep inside a list, dict or choice. Hydra's grammar allows it, but nothing can use it, and
 * OmegaConf refuses it later. */
static struct value *plain(struct parser *p, const struct element *e)
{
	if (!e->sweep)
		return e->value;
	note_error(p, arena_printf(p->arena, "Value '%s' is not a supported primitive type",
			      override_sweep_name(e->sweep)));
	return value_null(p->arena);
}

/* [element, ...] */
static bool read_list(struct parser *p, struct element *out)
{
	out->value = value_list(p->arena);
	p->at++;
	if (take(p, T_BRACKET_CLOSE))
		return true;

	do {
		struct element item = {0};
		if (!read_element(p, &item))
			return false;
		value_append(p->arena, out->value, plain(p, &item));
	} while (take(p, T_COMMA));
	return take(p, T_BRACKET_CLOSE);
}

/* The number that a key stands for; NaN when it is none. */
static double key_number(enum value_kind kind, const char *text)
{
	if (kind == VALUE_BOOL)
		return text[0] == 'T';
	return kind == VALUE_INT || kind == VALUE_FLOAT ? strtod(text, NULL) : NAN;
}

/* Set an item of a dict. As in Python, 1, 1.0 and True are the same key, and the first one stays.
 */
static void set_item(
	struct arena *a, struct value *map, const struct value *key, struct value *item)
{
	AUTO(buf_release) struct buf name = BUF_INIT;
	value_add_str(&name, key);
	const char *text = buf_str(&name);
	double number = key_number(key->kind, text);

	for (size_t i = 0; i < map->list.count; i++) {
		struct value_item *it = &map->list.items[i];
		bool same = it->key_kind == key->kind && strcmp(it->key, text) == 0;
		if (same || key_number(it->key_kind, it->key) == number) {
			it->value = item;
			return;
		}
	}
	value_add(a, map, text, name.len, item)->key_kind = key->kind;
}

/* {key: element, ...}. Keys keep their type. */
static bool read_dict(struct parser *p, struct element *out)
{
	out->value = value_map(p->arena);
	p->at++;
	if (take(p, T_BRACE_CLOSE))
		return true;

	do {
		struct element item = {0};
		struct value *key = read_primitive(p, true);
		if (!key || !take(p, T_COLON) || !read_element(p, &item))
			return false;

		set_item(p->arena, out->value, key, plain(p, &item));
	} while (take(p, T_COMMA));
	return take(p, T_BRACE_CLOSE);
}

/* name(argument, name=argument, ...) */
static bool read_function(struct parser *p, struct element *out)
{
	size_t first = p->at;
	const char *name = token_text(p, peek(p));
	struct override_arg *args = ARENA_ARRAY(p->arena, struct override_arg, MAX_ARGS);
	size_t count = 0;
	bool named = false, misplaced = false;

	p->at += 2; /* the name and "(" */
	if (!take(p, T_PCLOSE)) {
		do {
			if (count == MAX_ARGS)
				return false;
			struct override_arg *arg = &args[count++];
			if (peek(p)->kind == T_ID && p->tokens.items[p->at + 1].kind == T_EQUAL) {
				arg->name = token_text(p, peek(p));
				p->at += 2;
				named = true;
			} else if (named) {
				misplaced = true;
			}
			if (!read_element(p, &arg->value))
				return false;
		} while (take(p, T_COMMA));
		if (!take(p, T_PCLOSE))
			return false;
	}

	if (misplaced) {
		note_error(
			p, arena_strdup(p->arena, "positional argument follows keyword argument"));
		out->value = value_null(p->arena);
		return true;
	}

	char *error = NULL;
	if (override_call(p->arena, name, args, count, out, &error) == 0)
		return true;

	size_t start = p->tokens.items[first].start, end = peek(p)->start;
	const char *colon = strchr(error, ':'); /* "ValueError: what" */
	/* Hydra prints its exception twice: as the cause and as the message */
	note_error(p, arena_printf(p->arena, "%.*s while evaluating '%.*s':%s" OVERRIDE_SEE ":%s",
			      (int)(colon - error), error, (int)(end - start), p->text + start,
			      colon + 1, colon + 1));
	*out = (struct element){.value = value_null(p->arena)};
	return true;
}

/* A list, a dict, a function call or a primitive. */
static bool read_element(struct parser *p, struct element *out)
{
	if (p->depth >= MAX_DEPTH)
		return false;
	p->depth++;

	bool ok;
	if (peek(p)->kind == T_BRACKET_OPEN) {
		ok = read_list(p, out);
	} else if (peek(p)->kind == T_BRACE_OPEN) {
		ok = read_dict(p, out);
	} else if (peek(p)->kind == T_ID && p->tokens.items[p->at + 1].kind == T_POPEN) {
		ok = read_function(p, out);
	} else {
		out->value = read_primitive(p, false);
		ok = out->value != NULL;
	}

	p->depth--;
	return ok;
}

static int fail_function(struct parser *p)
{
	bool seen = strstr(p->error, OVERRIDE_SEE) != NULL;
	return err_set(p->err, ERR_VALUE, "Error parsing override '%s'\n%s%s", p->text, p->error,
		seen ? "" : OVERRIDE_SEE);
}

/* The message for text that does not match the grammar. */
static int fail_grammar(struct parser *p)
{
	size_t end = peek(p)->start + peek(p)->len;
	return err_set(p->err, ERR_VALUE, "no viable alternative at input '%.*s'" OVERRIDE_SEE,
		(int)(end - p->value_start), p->text + p->value_start);
}

/* The message for text behind the value. A single token is not called a mismatch. */
static int fail_rest(struct parser *p)
{
	const struct token *rest = peek(p);
	if (p->at + 2 == p->tokens.count)
		return err_set(p->err, ERR_VALUE,
			"Error parsing override '%s'\nextraneous input '%.*s' expecting "
			"<EOF>" OVERRIDE_SEE,
			p->text, (int)rest->len, p->text + rest->start);
	return err_set(p->err, ERR_VALUE, "mismatched input '%.*s' expecting <EOF>" OVERRIDE_SEE,
		(int)rest->len, p->text + rest->start);
}

/* Read one element, or several separated by commas, which are a simple choice sweep. */
static int read_value(struct parser *p, struct override *o)
{
	if (!read_element(p, &o->element))
		return fail_grammar(p);

	if (peek(p)->kind == T_COMMA) {
		struct value *list = value_list(p->arena);
		value_append(p->arena, list, plain(p, &o->element));
		while (take(p, T_COMMA)) {
			struct element next = {0};
			if (!read_element(p, &next))
				return fail_grammar(p);
			value_append(p->arena, list, plain(p, &next));
		}
		o->element = (struct element){.sweep = SWEEP_CHOICE, .value = list, .simple = true};
	}

	if (peek(p)->kind != T_EOF)
		return fail_rest(p);
	return p->error ? fail_function(p) : 0;
}

int override_parse(struct arena *a, const char *text, struct override *out, struct err *err)
{
	struct parser p = {.arena = a, .text = text, .err = err};
	size_t at;

	*out = (struct override){.input = text};
	int ret = override_read_key(a, text, out, &at, err);
	if (ret < 0 || !out->has_value)
		return ret;
	/* "key=" sets an empty string */
	if (!text[at]) {
		out->element.value = value_string(a, "");
		return 0;
	}

	ret = read_tokens(&p, at);
	if (ret == 0)
		ret = read_value(&p, out);
	vec_release(&p.tokens);
	return ret;
}
