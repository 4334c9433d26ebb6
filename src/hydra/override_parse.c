/*
 * The grammar of one override, as in Hydra 1.3: the key is read by hand, the value as a list of
 * tokens. The kinds of tokens and the rules have the names and order of Hydra's ANTLR grammar, so
 * that error messages are the same.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "hydra/override_int.h"
#include "hydra/token.h"
#include "text/number.h"

#define SEE "\nSee https://hydra.cc/docs/1.2/advanced/override_grammar/basic for details"

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
	char *error; /* message of a function that failed; NULL: an error of the grammar */
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

/* The message of Hydra's lexer, with a mark under the position. */
static int fail_lexer(struct parser *p, size_t at)
{
	static const char prefix[] = "LexerNoViableAltException: ";
	return err_set(p->err, ERR_VALUE, "%s%s\n%*s" SEE, prefix, p->text,
		(int)(strlen(prefix) + str_utf8_len(p->text, at) + 1), "^");
}

/* Split the value into tokens; the last one is T_EOF. */
static int read_tokens(struct parser *p, size_t at)
{
	p->value_start = at;
	while (p->text[at]) {
		struct token t = next_token(p->text, at);
		if (!t.len)
			return fail_lexer(p, at);
		*vec_push(&p->tokens) = t;
		at += t.len;
	}
	*vec_push(&p->tokens) = (struct token){T_EOF, at, 0};
	return 0;
}

/* ---- parser */

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
		p->error = arena_strdup(
			p->arena, "Trying to parse a primitive that is all whitespaces");
		return NULL;
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

/* [element, ...]. Sweeps inside lists are not allowed. */
static bool read_list(struct parser *p, struct element *out)
{
	out->value = value_list(p->arena);
	p->at++;
	if (take(p, T_BRACKET_CLOSE))
		return true;

	do {
		struct element item = {0};
		if (!read_element(p, &item) || item.sweep)
			return false;
		value_append(p->arena, out->value, item.value);
	} while (take(p, T_COMMA));
	return take(p, T_BRACKET_CLOSE);
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
		if (!key || !take(p, T_COLON) || !read_element(p, &item) || item.sweep)
			return false;

		AUTO(buf_release) struct buf name = BUF_INIT;
		value_add_str(&name, key);
		value_setn(p->arena, out->value, buf_str(&name), name.len, item.value);
		value_itemn(out->value, buf_str(&name), name.len)->key_kind = key->kind;
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
	bool named = false;

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
				p->error = arena_strdup(
					p->arena, "positional argument follows keyword argument");
				return false;
			}
			if (!read_element(p, &arg->value))
				return false;
		} while (take(p, T_COMMA));
		if (!take(p, T_PCLOSE))
			return false;
	}

	char *error = NULL;
	if (override_call(p->arena, name, args, count, out, &error) == 0)
		return true;

	size_t start = p->tokens.items[first].start, end = peek(p)->start;
	const char *colon = strchr(error, ':'); /* "ValueError: what" */
	/* Hydra prints its exception twice: as the cause and as the message */
	p->error = arena_printf(p->arena, "%.*s while evaluating '%.*s':%s" SEE ":%s",
		(int)(colon - error), error, (int)(end - start), p->text + start, colon + 1,
		colon + 1);
	return false;
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

/* The message for text that does not match the grammar, or of a function that failed. */
static int fail_grammar(struct parser *p)
{
	if (p->error) {
		bool seen = strstr(p->error, SEE) != NULL;
		return err_set(p->err, ERR_VALUE, "Error parsing override '%s'\n%s%s", p->text,
			p->error, seen ? "" : SEE);
	}

	size_t end = peek(p)->start + peek(p)->len;
	return err_set(p->err, ERR_VALUE, "no viable alternative at input '%.*s'" SEE,
		(int)(end - p->value_start), p->text + p->value_start);
}

/* Read one element, or several separated by commas, which are a simple choice sweep. */
static int read_value(struct parser *p, struct override *o)
{
	if (!read_element(p, &o->element))
		return fail_grammar(p);

	if (peek(p)->kind == T_COMMA) {
		struct value *list = value_list(p->arena);
		value_append(p->arena, list, o->element.value);
		bool ok = o->element.sweep == SWEEP_NONE;
		while (ok && take(p, T_COMMA)) {
			struct element next = {0};
			ok = read_element(p, &next) && next.sweep == SWEEP_NONE;
			value_append(p->arena, list, next.value);
		}
		if (!ok)
			return fail_grammar(p);
		o->element = (struct element){.sweep = SWEEP_CHOICE, .value = list, .simple = true};
	}

	const struct token *rest = peek(p);
	if (rest->kind != T_EOF)
		return err_set(p->err, ERR_VALUE, "mismatched input '%.*s' expecting <EOF>" SEE,
			(int)rest->len, p->text + rest->start);
	return 0;
}

/* Characters of a component of a key. */
static bool is_key_char(char c)
{
	return token_is_alpha(c) || token_is_digit(c) || c == '_' || c == '-' || c == '$';
}

/* The length of a key: one name; names and numbers separated by dots; or a group a/b. */
static size_t key_len(const char *s)
{
	size_t n = 0;
	while (is_key_char(s[n]) || ((s[n] == '.' || s[n] == '/') && n && is_key_char(s[n + 1])))
		n++;

	bool dotted = memchr(s, '.', n) != NULL;
	/* a single component must not begin with a digit or '-' */
	return n && (token_is_digit(s[0]) || s[0] == '-') && !dotted ? 0 : n;
}

int override_parse(struct arena *a, const char *text, struct override *out, struct err *err)
{
	struct parser p = {.arena = a, .text = text, .err = err};
	*out = (struct override){.input = text};

	size_t at = 0;
	if (text[0] == '~')
		out->type = OVERRIDE_DELETE;
	else if (text[0] == '+')
		out->type = text[1] == '+' ? OVERRIDE_FORCE_ADD : OVERRIDE_ADD;

	/* skip the prefix "~", "+" or "++" */
	at = out->type == OVERRIDE_CHANGE ? 0 : out->type == OVERRIDE_FORCE_ADD ? 2 : 1;

	size_t n = key_len(text + at);
	out->key = arena_strndup(a, text + at, n);
	at += n;

	if (text[at] == '@') {
		n = key_len(text + ++at);
		out->package = arena_strndup(a, text + at, n);
		at += n;
	}

	if (!text[at] && out->type == OVERRIDE_DELETE)
		return 0;

	if (!text[at])
		return err_set(err, ERR_VALUE,
			"Error parsing override '%s'\nmissing EQUAL at '<EOF>'" SEE, text);

	if (text[at] != '=')
		return fail_lexer(&p, at);

	at++;
	at += token_blank_len(text + at);
	out->has_value = true;
	/* "key=" sets an empty string */
	if (!text[at]) {
		out->element.value = value_string(a, "");
		return 0;
	}

	int ret = read_tokens(&p, at);
	if (ret == 0)
		ret = read_value(&p, out);
	vec_release(&p.tokens);
	return ret;
}
