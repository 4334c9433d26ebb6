/*
 * The reader: takes the events of libyaml and builds the tree. Types, anchors and merge keys are
 * resolved here by the rules of ruamel.yaml. Errors of libyaml are translated to ruamel.yaml's
 * messages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"
#include "text/yaml.h"
#include "text/yaml11.h"
#include "text/yaml_error.h"

enum { OFFSET_STEP = 256 };

struct anchor {
	struct value *value; /* NULL while it is being read */
	size_t weight;       /* number of nodes below it, with aliases expanded */
};

struct reader {
	struct arena *arena;
	yaml_parser_t parser;
	yaml_event_t event; /* the current event */
	const char *name, *text;
	size_t len, base; /* offset of the text behind a byte order mark */
	size_t *offsets;  /* byte offset of every 256th character; NULL when the text is ASCII */
	struct map anchors;
	size_t weight; /* number of nodes so far, with aliases expanded */
	int depth;
	bool plain;  /* errors as plain text, not in the layout for a screen */
	bool yaml11; /* types and keys as PyYAML and OmegaConf read them */
	struct err *err;
};

/* ---- positions: libyaml counts characters, the tree counts bytes */

/* Build the index. An ASCII text needs none. */
static void index_offsets(struct reader *r)
{
	size_t i = r->base;
	while (i < r->len && !(r->text[i] & 0x80))
		i++;
	if (i == r->len)
		return;

	r->offsets = mem_array(NULL, (r->len - r->base) / OFFSET_STEP + 2, sizeof(*r->offsets));
	size_t n = 0;
	for (i = r->base; i < r->len; i++)
		if ((r->text[i] & 0xC0) != 0x80 && n++ % OFFSET_STEP == 0)
			r->offsets[(n - 1) / OFFSET_STEP] = i;

	/* the end of the text has an index, too */
	if (n % OFFSET_STEP == 0)
		r->offsets[n / OFFSET_STEP] = r->len;
}

/* The byte offset of a mark. */
static size_t byte_offset(const struct reader *r, const yaml_mark_t *m)
{
	if (!r->offsets)
		return MIN(r->base + m->index, r->len);

	size_t at = r->offsets[m->index / OFFSET_STEP];
	for (size_t skip = m->index % OFFSET_STEP; skip && at < r->len; skip--)
		for (at++; at < r->len && (r->text[at] & 0xC0) == 0x80;)
			at++;
	return at;
}

static struct value_pos position(const struct reader *r, const yaml_event_t *e)
{
	return (struct value_pos){(uint32_t)e->start_mark.line + 1,
		(uint32_t)e->start_mark.column + 1, byte_offset(r, &e->start_mark),
		byte_offset(r, &e->end_mark)};
}

/* ---- errors */

static struct yaml_place place(const yaml_mark_t *m)
{
	return (struct yaml_place){(uint32_t)m->line + 1, (uint32_t)m->column + 1};
}

/* As PyYAML prints its errors. */
static int fail_yaml11(struct reader *r, const struct yaml_problem *p)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	bool same = p->context_at.line == p->problem_at.line &&
		    p->context_at.column == p->problem_at.column;
	if (p->context)
		buf_addf(&text, "%s\n", p->context);
	if (p->context && !same)
		buf_addf(&text, "  in \"%s\", line %u, column %u\n", r->name,
			(unsigned)p->context_at.line, (unsigned)p->context_at.column);
	return err_set(r->err, ERR_PARSE, "%s%s\n  in \"%s\", line %u, column %u", buf_str(&text),
		p->problem, r->name, (unsigned)p->problem_at.line, (unsigned)p->problem_at.column);
}

/* Report an error in the form that the caller of the reader asked for. */
static int fail_at(struct reader *r, const char *context, const yaml_mark_t *context_at,
	const char *problem, const yaml_mark_t *problem_at)
{
	struct yaml_problem p = {
		.context = context, .problem = problem, .problem_at = place(problem_at)};
	if (context)
		p.context_at = place(context_at);
	if (r->yaml11)
		return fail_yaml11(r, &p);
	return r->plain ? yaml_error_set_plain(r->err, r->name, r->text, r->len, &p)
			: yaml_error_set(r->err, r->name, r->text, r->len, &p);
}

/* The name that ruamel.yaml gives to the token at a mark. */
static const char *token_name(const struct reader *r, const yaml_mark_t *m)
{
	size_t at = byte_offset(r, m);
	if (at >= r->len)
		return "<stream end>";

	const char *p = r->text + at;
	char next = at + 1 < r->len ? p[1] : '\n';
	bool blank = strchr(" \t\r\n", next) != NULL;

	switch (*p) {
	case '[':
		return "[";
	case ']':
		return "]";
	case '{':
		return "{";
	case '}':
		return "}";
	case ',':
		return ",";
	case '*':
		return "<alias>";
	case '&':
		return "<anchor>";
	case '!':
		return "<tag>";
	case '-':
		return blank ? "-" : "<scalar>";
	case '?':
		return blank ? "?" : "<scalar>";
	case ':':
		return blank ? ":" : "<scalar>";
	default:
		break;
	}
	/* a plain scalar with a colon begins a mapping */
	size_t i = 0;
	while (at + i < r->len && p[i] != '\n' &&
		!(p[i] == ':' && (at + i + 1 == r->len || strchr(" \t\r\n", p[i + 1]))))
		i++;
	return at + i < r->len && p[i] == ':' ? "<block mapping start>" : "<scalar>";
}

/* Report an error of libyaml in the words of ruamel.yaml, its relative. */
static int fail_parser(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *context = p->context, *problem = p->problem ? p->problem : "could not read it";
	char text[128];
	size_t at = byte_offset(r, &p->problem_mark);

	/* an invalid byte or character; libyaml gives a byte offset */
	if (p->error == YAML_READER_ERROR) {
		(void)snprintf(text, sizeof(text),
			"unacceptable character #x%04x: special characters are not allowed",
			(unsigned)p->problem_value);
		size_t end = MIN(p->problem_offset, r->len), line = 1, column = 1;
		for (size_t i = 0; i < end; i++, column++)
			if (r->text[i] == '\n') {
				line++;
				column = 0;
			}
		struct yaml_problem reader = {
			.problem = text, .problem_at = {(uint32_t)line, (uint32_t)column}};
		if (r->yaml11)
			return fail_yaml11(r, &reader);
		return r->plain ? yaml_error_set_plain(r->err, r->name, r->text, r->len, &reader)
				: yaml_error_set(r->err, r->name, r->text, r->len, &reader);
	}

	if (strcmp(problem, "mapping values are not allowed in this context") == 0) {
		problem = "mapping values are not allowed here";
		context = NULL;
	} else if (strcmp(problem, "block sequence entries are not allowed in this context") == 0) {
		problem = "sequence entries are not allowed here";
		context = NULL;
	} else if (strcmp(problem, "mapping keys are not allowed in this context") == 0) {
		problem = "mapping keys are not allowed here";
		context = NULL;
	} else if (strcmp(problem, "found character that cannot start any token") == 0 &&
		   at < r->len) {
		(void)snprintf(text, sizeof(text),
			r->text[at] == '\t' ? "found character '\\t' that cannot start any token"
					    : "found character '%c' that cannot start any token",
			r->text[at]);
		problem = text;
		/* ruamel.yaml's context has no place of its own, so the layout for a screen leaves
		 * it out */
		return fail_at(r, r->plain ? "while scanning for the next token" : NULL,
			&p->problem_mark, problem, &p->problem_mark);
	} else if (strcmp(problem, "found unknown escape character") == 0 && at < r->len) {
		/* the mark is at the backslash */
		(void)snprintf(text, sizeof(text), "found unknown escape character '%c'",
			at + 1 < r->len && r->text[at] == '\\' ? r->text[at + 1] : r->text[at]);
		problem = text;
		if (context && strcmp(context, "while parsing a quoted scalar") == 0) {
			yaml_mark_t m = p->problem_mark;
			m.column += r->text[at] == '\\';
			return fail_at(r, "while scanning a double-quoted scalar", &p->context_mark,
				problem, &m);
		}
	} else if (strcmp(problem, "did not find expected <document start>") == 0) {
		(void)snprintf(text, sizeof(text),
			r->yaml11 ? "expected '<document start>', but found '%s'"
				  : "expected '<document start>', but found ('%s',)",
			token_name(r, &p->problem_mark));
		problem = text;
		context = NULL;
	} else if (strncmp(problem, "did not find expected ", 22) == 0) {
		bool flow = strcmp(problem + 22, "',' or ']'") == 0 ||
			    strcmp(problem + 22, "',' or '}'") == 0;
		bool entry = strcmp(problem + 22, "'-' indicator") == 0;
		bool node = strcmp(problem + 22, "node content") == 0;
		const char *token = token_name(r, &p->problem_mark);
		if (flow)
			(void)snprintf(text, sizeof(text), "expected %s, but got '%s'",
				problem + 22,
				strcmp(token, "<block mapping start>") == 0 ? "<scalar>" : token);
		else if (node)
			(void)snprintf(text, sizeof(text),
				"expected the node content, but found '%s'", token);
		else
			(void)snprintf(text, sizeof(text), "expected <block end>, but found '%s'",
				entry && strcmp(token, "<block mapping start>") == 0 ? "?" : token);
		problem = text;
	}

	/* at the end of a text without a final line end, libyaml's mark is on the next line */
	yaml_mark_t mark = p->problem_mark;
	if (at >= r->len && mark.column == 0 && mark.line && r->len &&
		r->text[r->len - 1] != '\n') {
		size_t start = r->len;
		while (start > r->base && r->text[start - 1] != '\n')
			start--;
		mark.line--;
		mark.column = str_utf8_len(r->text + start, r->len - start);
	}
	return fail_at(r, context, &p->context_mark, problem, &mark);
}

static int next_event(struct reader *r)
{
	yaml_event_delete(&r->event);
	if (!yaml_parser_parse(&r->parser, &r->event))
		return fail_parser(r);
	return 0;
}

/* ---- nodes */

static int compose(struct reader *r, struct value **out);

/* An explicit tag; NULL for none and for "!". */
static const char *event_tag(const yaml_event_t *e)
{
	const yaml_char_t *tag = e->type == YAML_SCALAR_EVENT           ? e->data.scalar.tag
				 : e->type == YAML_SEQUENCE_START_EVENT ? e->data.sequence_start.tag
									: e->data.mapping_start.tag;
	return tag && strcmp((const char *)tag, "!") != 0 ? (const char *)tag : NULL;
}

/* The message of ruamel.yaml for an unknown tag. */
static int fail_tag(struct reader *r, const char *tag, const yaml_mark_t *at)
{
	AUTO(buf_release) struct buf message = BUF_INIT;
	buf_addf(&message, "could not determine a constructor for the tag '%s'", tag);
	return fail_at(r, NULL, NULL, buf_str(&message), at);
}

static int fail_scalar(struct reader *r, const char *type)
{
	AUTO(buf_release) struct buf message = BUF_INIT;
	buf_addf(&message, "failed to construct a %s from \"%s\"", type,
		(const char *)r->event.data.scalar.value);
	return fail_at(r, NULL, NULL, buf_str(&message), &r->event.start_mark);
}

/* Decode base64 as Python's binascii does: other characters are ignored, missing padding is an
 * error. */
static bool decode_base64(struct arena *a, const char *s, size_t len, struct value **out)
{
	char *bytes = arena_alloc(a, len + 1);
	size_t n = 0, pads = 0;
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < len; i++) {
		char c = s[i];
		int d = c >= 'A' && c <= 'Z'   ? c - 'A'
			: c >= 'a' && c <= 'z' ? c - 'a' + 26
			: c >= '0' && c <= '9' ? c - '0' + 52
			: c == '+'             ? 62
			: c == '/'             ? 63
					       : -1;

		pads += c == '=';
		if (d < 0 || pads)
			continue;
		bits = bits << 6 | (uint32_t)d;
		have += 6;
		if (have >= 8) {
			have -= 8;
			bytes[n++] = (char)(bits >> have & 0xFF);
		}
	}

	if (have >= 6 || (have && !pads))
		return false;
	*out = value_text(a, VALUE_BYTES, bytes, n);
	return true;
}

/* Make a scalar that has an explicit tag of YAML's own. */
static int construct_tagged(
	struct reader *r, const char *type, const char *s, size_t len, struct value **out)
{
	enum yaml_type as = YAML_IS_STRING;
	if (strcmp(type, "str") == 0) {
		*out = value_stringn(r->arena, s, len);
		return 0;
	}

	if (strcmp(type, "binary") == 0)
		return decode_base64(r->arena, s, len, out) ? 0 : fail_scalar(r, type);

	if (strcmp(type, "bool") == 0) {
		AUTO(mem_freep) char *word = str_lower(s);
		/* with an explicit tag, the words of YAML 1.1 are accepted */
		bool yes = str_eq(word, "yes") || str_eq(word, "y") || str_eq(word, "true") ||
			   str_eq(word, "on");
		bool no = str_eq(word, "no") || str_eq(word, "n") || str_eq(word, "false") ||
			  str_eq(word, "off");
		*out = value_bool(r->arena, yes);
		return yes || no ? 0 : fail_scalar(r, type);
	}

	if (strcmp(type, "null") == 0)
		as = YAML_IS_NULL;
	else if (strcmp(type, "int") == 0)
		as = YAML_IS_INT;
	else if (strcmp(type, "float") == 0)
		as = YAML_IS_FLOAT;
	else if (strcmp(type, "timestamp") == 0)
		as = YAML_IS_TIME;
	else
		return fail_tag(r, (const char *)r->event.data.scalar.tag, &r->event.start_mark);

	*out = r->yaml11 ? yaml11_construct(r->arena, as, s, len)
			 : yaml_construct(r->arena, as, s, len);
	return *out ? 0 : fail_scalar(r, type);
}

/* Make a scalar: by its tag, as text if it is quoted, else by its content. */
static int compose_scalar(struct reader *r, struct value **out)
{
	static const char yaml_prefix[] = "tag:yaml.org,2002:";
	const yaml_event_t *e = &r->event;
	const char *s = (const char *)e->data.scalar.value, *tag = event_tag(e);
	size_t len = e->data.scalar.length;
	int ret = 0;

	if (tag && strncmp(tag, yaml_prefix, strlen(yaml_prefix)) == 0) {
		ret = construct_tagged(r, tag + strlen(yaml_prefix), s, len, out);
	} else if (tag) {
		ret = fail_tag(r, tag, &e->start_mark);
	} else if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || e->data.scalar.tag) {
		*out = value_stringn(r->arena, s, len);
	} else {
		enum yaml_type type = r->yaml11 ? yaml11_resolve(s, len) : yaml_resolve(s, len);
		if (type == YAML_IS_MERGE || type == YAML_IS_VALUE)
			return fail_tag(r,
				type == YAML_IS_MERGE ? "tag:yaml.org,2002:merge"
						      : "tag:yaml.org,2002:value",
				&e->start_mark);
		*out = r->yaml11 ? yaml11_construct(r->arena, type, s, len)
				 : yaml_construct(r->arena, type, s, len);
		if (!*out)
			ret = fail_scalar(r, type == YAML_IS_TIME ? "timestamp" : "number");
	}

	if (ret == 0)
		(*out)->pos = position(r, e);
	return ret;
}

static int compose_sequence(struct reader *r, struct value *list)
{
	int ret;
	list->flow = r->event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;

	for (;;) {
		if ((ret = next_event(r)) < 0)
			return ret;
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			break;
		struct value *item;
		if ((ret = compose(r, &item)) < 0)
			return ret;

		value_append(r->arena, list, item);
		list->pos.end = MAX(list->pos.end, item->pos.end);
	}

	/* a block sequence ends with its last item, a flow sequence with its bracket */
	if (list->flow)
		list->pos.end = byte_offset(r, &r->event.end_mark);
	return 0;
}

/* "<<" as a plain scalar, or with an explicit tag. */
static bool is_merge_key(const yaml_event_t *e)
{
	if (e->type != YAML_SCALAR_EVENT)
		return false;
	if (e->data.scalar.tag)
		return strcmp((const char *)e->data.scalar.tag, "tag:yaml.org,2002:merge") == 0;
	return e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && e->data.scalar.length == 2 &&
	       memcmp(e->data.scalar.value, "<<", 2) == 0;
}

/* Add the items of `from` to `merged`. If a key occurs twice, the later value takes the place of
 * the first. */
static void merge_items(struct reader *r, struct value *merged, const struct value *from)
{
	for (size_t i = 0; i < value_count(from); i++) {
		const struct value_item *it = &from->list.items[i];
		struct value_item *old = value_itemn(merged, it->key, it->key_len);
		if (old && old->key_kind == it->key_kind) {
			old->value = it->value;
		} else {
			struct value_item *added = value_add(
				r->arena, merged, it->key, it->key_len, it->value);
			added->key_pos = it->key_pos;
			added->key_kind = it->key_kind;
		}
	}
}

static const char *node_id(const struct value *v)
{
	return value_is(v, VALUE_MAP) ? "mapping" : value_is_list(v) ? "sequence" : "scalar";
}

/* Add `what`, the value of a "<<" key: a map, or a list of maps of which the first has
 * precedence. */
static int merge_value(struct reader *r, struct value *merged, const struct value *what,
	const yaml_mark_t *map_at, const yaml_mark_t *what_at)
{
	static const char context[] = "while constructing a mapping";
	char text[96];

	if (value_is(what, VALUE_MAP)) {
		merge_items(r, merged, what);
		return 0;
	}

	if (!value_is_list(what)) {
		(void)snprintf(text, sizeof(text),
			"expected a mapping or list of mappings for merging, but found %s",
			node_id(what));
		return fail_at(r, context, map_at, text, what_at);
	}

	/* in reverse order, so that the first map comes last */
	for (size_t i = value_count(what); i-- > 0;) {
		const struct value *one = what->list.items[i].value;
		if (!value_is(one, VALUE_MAP)) {
			(void)snprintf(text, sizeof(text),
				"expected a mapping for merging, but found %s", node_id(one));
			return fail_at(r, context, map_at, text, what_at);
		}
		merge_items(r, merged, one);
	}
	return 0;
}

/* When ruamel.yaml reports a duplicate, it has not filled the collections yet. */
static void add_shown(struct buf *out, const struct value *v)
{
	if (value_is(v, VALUE_MAP))
		buf_adds(out, "{}");
	else if (value_is(v, VALUE_LIST))
		buf_adds(out, "[]");
	else
		value_add_str(out, v);
}

/* (the two forms of the message differ for booleans) */
static int fail_duplicate(struct reader *r, const yaml_mark_t *map_at, const struct value_item *old,
	const struct value_item *item, const yaml_mark_t *key_at)
{
	AUTO(buf_release) struct buf message = BUF_INIT;
	if (r->yaml11) { /* OmegaConf's own check */
		buf_addf(&message, "found duplicate key %s", item->key);
		return fail_at(
			r, "while constructing a mapping", map_at, buf_str(&message), key_at);
	}
	buf_adds(&message, "found duplicate key \"");
	if (item->key_kind == VALUE_BOOL && !r->plain)
		buf_adds(&message, item->key[0] == 'T' ? "true" : "false");
	else
		buf_add(&message, item->key, item->key_len);
	buf_adds(&message, "\" with value \"");
	add_shown(&message, item->value);
	buf_adds(&message, "\" (original value: \"");
	add_shown(&message, old->value);
	buf_adds(&message, "\")");
	return fail_at(r, "while constructing a mapping", map_at, buf_str(&message), key_at);
}

/* Read a key. Its text is that of Python's str(). */
static int compose_key(struct reader *r, struct value_item *out)
{
	struct value *key;
	yaml_mark_t at = r->event.start_mark;

	if (r->event.type == YAML_SCALAR_EVENT && !r->yaml11 && !r->event.data.scalar.tag &&
		r->event.data.scalar.length == 1 && r->event.data.scalar.value[0] == '=')
		/* as a key, "=" is just text */
		r->event.data.scalar.style = YAML_SINGLE_QUOTED_SCALAR_STYLE;

	int ret = compose(r, &key);
	if (ret < 0)
		return ret;

	if (value_is(key, VALUE_MAP) || value_is(key, VALUE_SET))
		return fail_at(r, NULL, NULL, "found unhashable key", &at);

	*out = (struct value_item){.key_pos = key->pos, .key_kind = key->kind};
	if (value_is(key, VALUE_STRING)) {
		out->key = key->str.ptr;
		out->key_len = key->str.len;
		return 0;
	}

	if (value_is_list(key)) {
		key->kind = VALUE_TUPLE;
		out->key_kind = VALUE_TUPLE;
	}

	AUTO(buf_release) struct buf text = BUF_INIT;
	value_add_str(&text, key);
	out->key = arena_strndup(r->arena, buf_str(&text), text.len);
	out->key_len = text.len;
	return 0;
}

/* Keys that are equal numbers are the same key: 1, 1.0 and true. This is the text by which a key is
 * searched: that of the integer, if there is one. */
static const char *index_text(const struct value_item *it, size_t *out_len)
{
	*out_len = it->key_len;
	if (it->key_kind == VALUE_BOOL) {
		*out_len = 1;
		return it->key[0] == 'T' ? "1" : "0";
	}
	if (it->key_kind == VALUE_FLOAT && it->key_len > 2 &&
		memcmp(it->key + it->key_len - 2, ".0", 2) == 0)
		*out_len -= 2;
	return it->key;
}

/* Add an item unless its key exists, which is an error. After a merge key, ruamel.yaml accepts the
 * later item instead. */
static int add_item(struct reader *r, struct value *map, struct map *index, struct value_item *item,
	bool merging, const yaml_mark_t *map_at, const yaml_mark_t *key_at)
{
	struct value_item *old = NULL;
	enum { INDEX_FROM = 24 };
	size_t len;

	const char *text = index_text(item, &len);
	/* small maps are searched linearly */
	if (index->count) {
		size_t at = (size_t)(uintptr_t)map_getn(index, text, len);
		old = at ? &map->list.items[at - 1] : NULL;
	}

	for (size_t i = 0; !index->count && i < map->list.count && !old; i++) {
		size_t other_len;
		const char *other = index_text(&map->list.items[i], &other_len);
		if (other_len == len && memcmp(other, text, len) == 0)
			old = &map->list.items[i];
	}

	if (old && value_same_key_kind(old, item)) {
		/* OmegaConf refuses only strings that occur twice */
		if (r->yaml11 ? item->key_kind == VALUE_STRING : !merging)
			return fail_duplicate(r, map_at, old, item, key_at);
		old->value = item->value;
		return 0;
	}

	*value_add(r->arena, map, "", 0, item->value) = *item;
	if (index->count)
		(void)map_setn(index, text, len, (void *)(uintptr_t)map->list.count);

	/* from 24 items on there is an index */
	for (size_t i = 0; map->list.count == INDEX_FROM && i < INDEX_FROM; i++) {
		text = index_text(&map->list.items[i], &len);
		(void)map_setn(index, text, len, (void *)(uintptr_t)(i + 1));
	}
	return 0;
}

/* Read the items of a mapping. */
static int compose_items(
	struct reader *r, struct value *map, struct map *index, const yaml_mark_t *map_at)
{
	struct value merged = {.kind = VALUE_MAP};
	bool merging = false;
	int ret;
	for (;;) {
		if ((ret = next_event(r)) < 0)
			return ret;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			break;

		yaml_mark_t key_at = r->event.start_mark;
		struct value_item item = {0};

		bool merge = is_merge_key(&r->event);
		if (merge && merging && !r->yaml11)
			return fail_at(r, "while constructing a mapping", map_at,
				"found duplicate merge key \"<<\"", &key_at);

		if (!merge && (ret = compose_key(r, &item)) < 0)
			return ret;

		if ((ret = next_event(r)) < 0)
			return ret;
		yaml_mark_t value_at = r->event.start_mark;
		if ((ret = compose(r, &item.value)) < 0)
			return ret;

		map->pos.end = MAX(map->pos.end, item.value->pos.end);
		if (merge) {
			merging = true;
			ret = merge_value(r, &merged, item.value, map_at, &value_at);
		} else {
			ret = add_item(r, map, index, &item, merging, map_at, &key_at);
		}

		if (ret < 0)
			return ret;
	}

	/* merged items come first; the mapping's own keys have precedence */
	if (merged.list.count) {
		struct value own = *map;
		map->list.items = NULL;
		map->list.count = map->list.cap = 0;
		merge_items(r, map, &merged);
		merge_items(r, map, &own);
	}
	return 0;
}

/* Apply a tag to a collection: !!set has keys only; !!omap is a list of maps with one item each,
 * which ruamel.yaml makes a map. */
static int retype(struct reader *r, const char *tag, struct value *v, const yaml_mark_t *at)
{
	const char *type = tag && strncmp(tag, "tag:yaml.org,2002:", 18) == 0 ? tag + 18 : tag;

	if (!type || strcmp(type, v->kind == VALUE_MAP ? "map" : "seq") == 0)
		return 0;

	if (v->kind == VALUE_MAP && strcmp(type, "set") == 0) {
		struct value *items = value_list(r->arena);
		for (size_t i = 0; i < v->list.count; i++) {
			const struct value_item *it = &v->list.items[i];
			struct value *item = it->key_kind == VALUE_STRING
						     ? value_stringn(r->arena, it->key, it->key_len)
						     : yaml_construct(r->arena,
							       yaml_resolve(it->key, it->key_len),
							       it->key, it->key_len);
			value_append(r->arena, items,
				item ? item : value_stringn(r->arena, it->key, it->key_len));
		}
		v->list = items->list;
		v->kind = VALUE_SET;
		return 0;
	}

	if (v->kind == VALUE_LIST && strcmp(type, "omap") == 0) {
		struct value merged = {.kind = VALUE_MAP};
		for (size_t i = 0; i < v->list.count; i++)
			if (value_is(v->list.items[i].value, VALUE_MAP))
				merge_items(r, &merged, v->list.items[i].value);
		v->list = merged.list;
		v->kind = VALUE_MAP;
		return 0;
	}

	return fail_tag(r, tag, at);
}

/* An alias is a node of its own that shares the items of its anchor. */
static int compose_alias(struct reader *r, struct value **out)
{
	const char *name = (const char *)r->event.data.alias.anchor;
	const struct anchor *a = map_get(&r->anchors, name);

	if (!a || !a->value) {
		AUTO(buf_release) struct buf message = BUF_INIT;
		buf_addf(&message, a ? "found recursive alias '%s'" : "found undefined alias '%s'",
			name);
		return fail_at(r, NULL, NULL, buf_str(&message), &r->event.start_mark);
	}

	*out = value_new(r->arena, VALUE_NULL);
	**out = *a->value;
	(*out)->pos = position(r, &r->event);
	(*out)->alias = true;

	/* a few aliases of aliases can stand for billions of nodes */
	r->weight += a->weight;
	if (r->weight > YAML_MAX_NODES)
		return fail_at(r, NULL, NULL,
			"the document is too large when its aliases are expanded",
			&r->event.start_mark);
	return 0;
}

/* Read a sequence or mapping and what it contains. */
static int compose_collection(struct reader *r, struct value **out)
{
	bool is_map = r->event.type == YAML_MAPPING_START_EVENT;
	yaml_mark_t at = r->event.start_mark;
	const char *tag = event_tag(&r->event);
	/* (reading the items deletes the event) */
	AUTO(mem_freep) char *tag_copy = tag ? mem_strdup(tag) : NULL;
	struct value *v = is_map ? value_map(r->arena) : value_list(r->arena);
	v->pos = position(r, &r->event);

	if (++r->depth > YAML_MAX_DEPTH)
		return fail_at(r, NULL, NULL, "the document is nested too deeply", &at);

	int ret;
	if (is_map) {
		AUTO(map_release) struct map index = MAP_INIT;
		v->flow = r->event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
		ret = compose_items(r, v, &index, &at);
		if (ret == 0 && v->flow)
			v->pos.end = byte_offset(r, &r->event.end_mark);
	} else {
		ret = compose_sequence(r, v);
	}

	r->depth--;
	if (ret < 0 || (ret = retype(r, tag_copy, v, &at)) < 0)
		return ret;

	*out = v;
	return 0;
}

/* Read the node whose first event is the current one. */
static int compose(struct reader *r, struct value **out)
{
	const yaml_event_t *e = &r->event;
	if (e->type == YAML_ALIAS_EVENT)
		return compose_alias(r, out);

	const yaml_char_t *name = e->type == YAML_SCALAR_EVENT ? e->data.scalar.anchor
				  : e->type == YAML_SEQUENCE_START_EVENT
					  ? e->data.sequence_start.anchor
					  : e->data.mapping_start.anchor;

	struct anchor *anchor = NULL;
	size_t before = r->weight++;
	/* the name is known before the content, so that a recursive alias is recognized */
	if (name) {
		anchor = ARENA_NEW(r->arena, struct anchor);
		(void)map_set(&r->anchors, (const char *)name, anchor);
	}

	int ret = e->type == YAML_SCALAR_EVENT ? compose_scalar(r, out)
					       : compose_collection(r, out);

	if (ret == 0 && anchor)
		*anchor = (struct anchor){*out, r->weight - before};
	return ret;
}

/* Read the only document of the stream. */
static int compose_document(struct reader *r, struct value **out)
{
	int ret;

	do {
		if ((ret = next_event(r)) < 0)
			return ret;
	} while (r->event.type == YAML_STREAM_START_EVENT);

	if (r->event.type == YAML_STREAM_END_EVENT) {
		*out = value_null(r->arena);
		return 0;
	}

	struct value *root;
	if ((ret = next_event(r)) < 0)
		return ret;

	yaml_mark_t root_at = r->event.start_mark;
	if ((ret = compose(r, &root)) < 0)
		return ret;

	/* the end of the document, then of the stream */
	if ((ret = next_event(r)) < 0 || (ret = next_event(r)) < 0)
		return ret;

	if (r->event.type != YAML_STREAM_END_EVENT)
		return fail_at(r, "expected a single document in the stream", &root_at,
			"but found another document", &r->event.start_mark);

	*out = root;
	return 0;
}

enum read_flags { READ_PLAIN = 1 << 0, READ_YAML11 = 1 << 1 };

static int read_document(struct arena *a, const char *name, unsigned flags, const char *text,
	size_t len, struct value **out, struct err *err)
{
	struct reader r = {.arena = a,
		.name = name,
		.text = text,
		.len = len,
		.plain = flags & READ_PLAIN,
		.yaml11 = flags & READ_YAML11,
		.err = err};

	if (!str_is_utf8(text, len))
		return err_set(err, ERR_PARSE, "unable to read: '%s', is not valid utf-8", name);

	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		r.base = 3; /* positions count from behind the mark */

	if (!yaml_parser_initialize(&r.parser))
		return err_set(err, ERR_FAIL, "unable to read '%s': out of memory", name);

	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	/* libyaml counts characters, edits need bytes */
	index_offsets(&r);

	int ret = compose_document(&r, out);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	map_release(&r.anchors);
	free(r.offsets);
	return ret;
}

int yaml_parse(struct arena *a, const char *name, const char *text, size_t len, struct value **out,
	struct err *err)
{
	return read_document(a, name, 0, text, len, out, err);
}

int yaml_load(struct arena *a, const char *path, const char *text, size_t len, struct value **out,
	struct err *err)
{
	return read_document(a, path, READ_PLAIN, text, len, out, err);
}

int yaml11_load(struct arena *a, const char *path, const char *text, size_t len, struct value **out,
	struct err *err)
{
	return read_document(a, path, READ_PLAIN | READ_YAML11, text, len, out, err);
}
