/* A recursive descent parser. The rules have the names of OmegaConf's ANTLR grammar; a rule returns
 * NULL for text that does not match. */
#include "hydra/grammar.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "hydra/token.h"
#include "text/number.h"

enum {
	MAX_DEPTH = 64,     /* nobody nests interpolations so deeply */
	MAX_NESTED = 10000, /* more than any text needs that nests ten of them */
};

struct parser {
	struct arena *arena;
	const char *s; /* the rest of the text */
	int depth;
	/* Nested interpolations that were parsed. Each is tried as part of a resolver's name and
	 * then of a key, so the work doubles with every level. */
	size_t nested;
};

static struct expr *interpolation(struct parser *p);
static struct expr *element(struct parser *p);

static struct expr *make(struct parser *p, enum expr_kind kind)
{
	struct expr *e = ARENA_NEW(p->arena, struct expr);
	e->kind = kind;
	return e;
}

static void add(struct parser *p, struct expr *e, struct expr *item)
{
	if (e->count == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 4;
		struct expr **items = ARENA_ARRAY(p->arena, struct expr *, cap);
		if (e->count)
			memcpy(items, e->items, e->count * sizeof(struct expr *));
		e->items = items;
		e->cap = cap;
	}
	e->items[e->count++] = item;
}

static struct expr *constant(struct parser *p, struct value *v)
{
	struct expr *e = make(p, EXPR_VALUE);
	e->value = v;
	return e;
}

static void add_string(struct parser *p, struct expr *e, const char *s, size_t len)
{
	add(p, e, constant(p, value_stringn(p->arena, s, len)));
}

/* Add the collected text as one part, if there is any. */
static void flush(struct parser *p, struct expr *e, struct buf *text)
{
	if (text->len)
		add_string(p, e, text->ptr, text->len);
	buf_clear(text);
}

static void skip_blanks(struct parser *p)
{
	p->s += token_blank_len(p->s);
}

/* Take a mark with blanks on the sides that the grammar allows. */
static bool take(struct parser *p, char mark, bool before, bool after)
{
	const char *s = p->s + (before ? token_blank_len(p->s) : 0);
	if (*s != mark)
		return false;
	p->s = s + 1;
	if (after)
		skip_blanks(p);
	return true;
}

/*
 * Backslashes in a text. In front of "${" an odd number ends with an escaped interpolation, an even
 * one is halved; in quotes the same goes for a quote and for the end. All others stay.
 */
static void backslashes(struct parser *p, struct buf *text, char quote)
{
	size_t n = strspn(p->s, "\\");
	const char *next = p->s + n;
	bool inter = str_starts(next, "${"), at_quote = quote && *next == quote;

	p->s = next;
	if (!inter && !at_quote) {
		buf_addn(text, '\\', n);
		return;
	}
	buf_addn(text, '\\', n / 2);
	if (n % 2 == 0)
		return;
	buf_adds(text, inter ? "${" : (char[]){quote, 0});
	p->s += inter ? 2 : 1;
}

/* text, up to the end or to the closing quote. */
static struct expr *text(struct parser *p, enum expr_kind kind, char quote)
{
	AUTO(buf_release) struct buf literal = BUF_INIT;
	struct expr *e = make(p, kind);

	while (*p->s && !(quote && *p->s == quote)) {
		if (*p->s == '\\') {
			backslashes(p, &literal, quote);
		} else if (str_starts(p->s, "${")) {
			flush(p, e, &literal);
			struct expr *inner = interpolation(p);
			if (!inner)
				return NULL;
			add(p, e, inner);
		} else {
			buf_addc(&literal, *p->s++);
		}
	}
	flush(p, e, &literal);
	return e;
}

static struct expr *quoted_value(struct parser *p)
{
	char quote = *p->s++;
	struct expr *e = text(p, EXPR_QUOTED, quote);
	if (!e || *p->s != quote)
		return NULL;
	p->s++;
	return e;
}

/* The length of one token of a primitive, except interpolations; 0 when there is none. */
static size_t primitive_len(const char *s, bool key)
{
	size_t blank = token_blank_len(s), best = token_float_len(s);

	best = MAX(best, token_int_len(s));
	best = MAX(best, token_word_len(s, "true"));
	best = MAX(best, token_word_len(s, "false"));
	best = MAX(best, token_word_len(s, "null"));
	best = MAX(best, token_id_len(s));
	best = MAX(best, token_escape_len(s));
	if (!best && *s && strchr("/-\\+.$%*@?|", *s) && !str_starts(s, "${"))
		best = 1;
	if (!key && s[blank] == ':')
		return blank + 1 + token_blank_len(s + blank + 1);
	/* blanks in front of a mark belong to the mark */
	if (blank && !(s[blank] && strchr(",]}:", s[blank])))
		best = MAX(best, blank);
	return best;
}

/* The type of a primitive that is one token. */
static struct value *typed(struct parser *p, const char *s, size_t len)
{
	AUTO(buf_release) struct buf digits = BUF_INIT;
	for (size_t i = 0; i < len; i++)
		if (s[i] != '_')
			buf_addc(&digits, s[i]);

	if (token_int_len(s) == len && token_float_len(s) < len)
		return number_parse_int(p->arena, digits.ptr, digits.len);
	if (token_float_len(s) == len)
		return value_float(p->arena, strtod(digits.ptr, NULL));
	if (len == 4 && token_word_len(s, "null") && token_id_len(s) == len)
		return value_null(p->arena);
	if ((len == 4 && token_word_len(s, "true")) || (len == 5 && token_word_len(s, "false")))
		return value_bool(p->arena, len == 4);
	return value_stringn(p->arena, s, len);
}

static void add_unescaped(struct buf *out, const char *s, size_t len)
{
	if (token_escape_len(s) != len)
		buf_add(out, s, len);
	for (size_t i = 1; token_escape_len(s) == len && i < len; i += 2)
		buf_addc(out, s[i]);
}

/* A run of tokens and interpolations. A single one has a type; several are a string. */
static struct expr *primitive(struct parser *p, bool key)
{
	AUTO(buf_release) struct buf literal = BUF_INIT;
	struct expr *e = make(p, EXPR_TEXT);
	const char *first = p->s;
	size_t tokens = 0, len = 0;

	for (;; tokens++) {
		if (!key && str_starts(p->s, "${")) {
			flush(p, e, &literal);
			struct expr *inner = interpolation(p);
			if (!inner)
				return NULL;
			add(p, e, inner);
			continue;
		}
		len = primitive_len(p->s, key);
		if (!len)
			break;
		add_unescaped(&literal, p->s, len);
		p->s += len;
	}
	flush(p, e, &literal);
	if (!tokens)
		return NULL;
	if (tokens == 1 && e->count == 1 && e->items[0]->kind == EXPR_VALUE && *first != '\\')
		e->items[0]->value = typed(p, first, (size_t)(p->s - first));
	if (tokens == 1 && e->count == 1)
		return e->items[0];
	return e;
}

/* (element (COMMA element?)*) | (COMMA element?)+; a missing element is an empty string. */
static bool sequence(struct parser *p, struct expr *into)
{
	bool missing = true;
	for (;;) {
		if (take(p, ',', true, true)) {
			if (missing)
				add_string(p, into, "", 0);
			missing = true;
			continue;
		}
		size_t blank = token_blank_len(p->s);
		if (!missing || !p->s[blank] || strchr("]}", p->s[blank]))
			break;
		struct expr *item = element(p);
		if (!item)
			return false;
		add(p, into, item);
		missing = false;
	}
	if (missing && into->count)
		add_string(p, into, "", 0);
	return true;
}

static struct expr *list_container(struct parser *p)
{
	struct expr *e = make(p, EXPR_LIST);
	(void)take(p, '[', false, true);
	/* "[,]" has two empty items, "[]" has none */
	if (take(p, ']', true, false))
		return e;
	return sequence(p, e) && take(p, ']', true, false) ? e : NULL;
}

static struct expr *dict_container(struct parser *p)
{
	struct expr *e = make(p, EXPR_DICT);
	(void)take(p, '{', false, true);
	if (take(p, '}', true, false))
		return e;
	do {
		struct expr *key = primitive(p, true);
		if (!key || !take(p, ':', true, true))
			return NULL;
		struct expr *value = element(p);
		if (!value)
			return NULL;
		add(p, e, key);
		add(p, e, value);
	} while (take(p, ',', true, true));
	return take(p, '}', true, false) ? e : NULL;
}

static struct expr *element(struct parser *p)
{
	struct expr *e;
	if (p->depth >= MAX_DEPTH)
		return NULL;
	p->depth++;
	if (*p->s == '\'' || *p->s == '"')
		e = quoted_value(p);
	else if (*p->s == '[')
		e = list_container(p);
	else if (*p->s == '{')
		e = dict_container(p);
	else
		e = primitive(p, false);
	p->depth--;
	return e;
}

/* interpolation | ID | INTER_KEY: a part of a key. */
static bool config_key(struct parser *p, struct expr *into)
{
	if (str_starts(p->s, "${")) {
		struct expr *inner = interpolation(p);
		if (inner)
			add(p, into, inner);
		return inner != NULL;
	}
	size_t n = strcspn(p->s, "\\{}()[]:. \t'\"");
	/* "a${" is one token up to the brace, which does not fit */
	add_string(p, into, p->s, n);
	p->s += n;
	return n > 0;
}

static bool bracketed_key(struct parser *p, struct expr *into)
{
	add_string(p, into, p->s++, 1);
	if (!config_key(p, into) || *p->s != ']')
		return false;
	add_string(p, into, p->s++, 1);
	return true;
}

/* The rest of "${a.b}" or "${.a[b]}". */
static struct expr *path(struct parser *p)
{
	struct expr *e = make(p, EXPR_PATH);
	while (*p->s == '.')
		add_string(p, e, p->s++, 1);
	if (!(*p->s == '[' ? bracketed_key(p, e) : config_key(p, e)))
		return NULL;
	while (*p->s == '.' || *p->s == '[') {
		if (*p->s == '[') {
			if (!bracketed_key(p, e))
				return NULL;
			continue;
		}
		add_string(p, e, p->s++, 1);
		if (!config_key(p, e))
			return NULL;
	}
	return take(p, '}', true, false) ? e : NULL;
}

/* The name of a resolver and its colon; NULL when it is none. */
static struct expr *resolver_name(struct parser *p)
{
	struct expr *name = make(p, EXPR_TEXT);
	do {
		if (name->count)
			p->s++;
		if (str_starts(p->s, "${")) {
			struct expr *inner = interpolation(p);
			if (!inner)
				return NULL;
			add(p, name, inner);
			continue;
		}
		size_t n = token_id_len(p->s);
		if (!n)
			return NULL;
		add_string(p, name, p->s, n);
		p->s += n;
	} while (*p->s == '.');
	return take(p, ':', true, true) ? name : NULL;
}

static struct expr *interpolation(struct parser *p)
{
	struct expr *e = NULL;
	if (p->depth >= MAX_DEPTH || (p->depth && ++p->nested > MAX_NESTED))
		return NULL;
	p->depth++;
	p->s += strlen("${");
	skip_blanks(p);

	const char *start = p->s;
	struct expr *name = resolver_name(p);
	if (name) {
		e = make(p, EXPR_CALL);
		e->name = name;
		if (!sequence(p, e) || !take(p, '}', true, false))
			e = NULL;
	} else {
		p->s = start;
		e = path(p);
	}
	p->depth--;
	return e;
}

static int finish(
	struct parser *p, const char *all, struct expr *e, struct expr **out, struct err *err)
{
	if (!e || *p->s)
		return err_set(err, ERR_VALUE, "invalid interpolation in '%s'", all);
	*out = e;
	return 0;
}

int grammar_parse(struct arena *a, const char *all, struct expr **out, struct err *err)
{
	struct parser p = {.arena = a, .s = all};
	return finish(&p, all, text(&p, EXPR_TEXT, 0), out, err);
}

int grammar_parse_element(struct arena *a, const char *all, struct expr **out, struct err *err)
{
	struct parser p = {.arena = a, .s = all};
	return finish(&p, all, element(&p), out, err);
}

static int check(struct arena *a, const char *s, size_t len, struct err *err)
{
	struct expr *e;
	if (!s || !memmem(s, len, "${", 2))
		return 0;
	/* the parser reads up to a NUL, which no interpolation has */
	return grammar_parse(a, s, &e, err);
}

static int check_below(struct arena *a, const struct value *v, struct err *err)
{
	int r = value_is(v, VALUE_STRING) ? check(a, v->str.ptr, v->str.len, err) : 0;
	for (size_t i = 0; r == 0 && i < value_count(v); i++)
		r = check_below(a, v->list.items[i].value, err);
	return r;
}

int grammar_check(const struct value *v, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	return check_below(&a, v, err);
}
