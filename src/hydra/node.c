/* OmegaConf's tree. */
#include "hydra/node.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/strlist.h"

static struct node *make(struct arena *a, enum node_kind kind)
{
	struct node *n = ARENA_NEW(a, struct node);
	n->kind = kind;
	return n;
}

struct node *node_scalar(struct arena *a, struct value *v)
{
	struct node *n = make(a, NODE_SCALAR);
	n->scalar = v;
	return n;
}

struct node *node_dict(struct arena *a)
{
	return make(a, NODE_DICT);
}

struct node *node_list(struct arena *a)
{
	return make(a, NODE_LIST);
}

/* ---- the index of a large dict: keys by the hash of their text */

enum { INDEX_FROM = 32 };

/* FNV-1a. */
static uint32_t hash(const char *key, size_t len)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)key[i]) * 16777619u;
	return h;
}

static void index_put(struct node *dict, size_t at)
{
	const struct node *child = dict->items[at];
	size_t slot = hash(child->key, child->key_len) & (dict->slot_count - 1);
	while (dict->slots[slot])
		slot = (slot + 1) & (dict->slot_count - 1);
	dict->slots[slot] = (uint32_t)at + 1;
}

/* Note the last child. The table is at most half full. */
static void index_last(struct arena *a, struct node *dict)
{
	if (dict->slots && dict->count * 2 <= dict->slot_count) {
		index_put(dict, dict->count - 1);
		return;
	}
	dict->slot_count = INDEX_FROM * 4;
	while (dict->slot_count < dict->count * 4)
		dict->slot_count *= 2;
	dict->slots = ARENA_ARRAY(a, uint32_t, dict->slot_count);
	for (size_t i = 0; i < dict->count; i++)
		index_put(dict, i);
}

static void add(struct arena *a, struct node *container, struct node *child)
{
	if (container->count == container->cap) {
		size_t cap = container->cap ? container->cap * 2 : 4;
		struct node **items = ARENA_ARRAY(a, struct node *, cap);
		if (container->count)
			memcpy(items, container->items, container->count * sizeof(struct node *));
		container->items = items;
		container->cap = cap;
	}
	child->parent = container;
	child->index = container->count;
	container->items[container->count++] = child;
	if (container->kind == NODE_DICT && container->count >= INDEX_FROM)
		index_last(a, container);
}

void node_append(struct arena *a, struct node *list, struct node *child)
{
	child->key = NULL;
	add(a, list, child);
}

static void name_child(struct node *child, char *key, size_t len, enum value_kind kind)
{
	child->key = key;
	child->key_len = len;
	child->key_kind = kind;
}

size_t node_weight(const struct node *n)
{
	size_t weight = 1;

	for (size_t i = 0; i < n->count; i++)
		weight += node_weight(n->items[i]);
	return weight;
}

struct node *node_from(struct arena *a, const struct value *v)
{
	if (!value_is_container(v))
		return node_scalar(a, v ? (struct value *)v : value_null(a));

	struct node *n = make(a, v->kind == VALUE_MAP ? NODE_DICT : NODE_LIST);
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		struct node *child = node_from(a, it->value);
		if (n->kind == NODE_DICT)
			name_child(child, it->key, it->key_len, it->key_kind);
		add(a, n, child);
	}
	return n;
}

struct value *node_value(struct arena *a, const struct node *n)
{
	if (n->kind == NODE_SCALAR)
		return n->scalar;

	struct value *v = n->kind == NODE_DICT ? value_map(a) : value_list(a);
	for (size_t i = 0; i < n->count; i++) {
		const struct node *child = n->items[i];
		struct value *item = node_value(a, child);
		if (n->kind == NODE_LIST)
			value_append(a, v, item);
		else
			value_add(a, v, child->key, child->key_len, item)->key_kind =
				child->key_kind;
	}
	return v;
}

struct node *node_copy(struct arena *a, const struct node *n)
{
	struct node *copy = ARENA_NEW(a, struct node);
	*copy = *n;
	copy->parent = NULL;
	copy->items = NULL;
	copy->count = copy->cap = 0;
	copy->slots = NULL;
	for (size_t i = 0; i < n->count; i++)
		add(a, copy, node_copy(a, n->items[i]));
	return copy;
}

bool node_is_container(const struct node *n)
{
	return n && n->kind != NODE_SCALAR;
}

const char *node_str(const struct node *n)
{
	return n && n->kind == NODE_SCALAR ? value_str(n->scalar) : NULL;
}

bool node_is_missing(const struct node *n)
{
	return str_eq(node_str(n), "???");
}

bool node_is_null(const struct node *n)
{
	return n && n->kind == NODE_SCALAR && n->scalar->kind == VALUE_NULL;
}

bool node_is_interpolation(const struct node *n)
{
	const char *s = node_str(n);
	return s && strstr(s, "${");
}

struct node *node_root(struct node *n)
{
	while (n->parent)
		n = n->parent;
	return n;
}

/* Are two keys equal? As in Python, 1, 1.0 and True are. */
static bool same_key(const struct node *n, const char *key, size_t len, enum value_kind kind)
{
	const struct value_item a = {.key = n->key, .key_len = n->key_len, .key_kind = n->key_kind},
				b = {.key = (char *)key, .key_len = len, .key_kind = kind};
	return n->key_len == len && memcmp(n->key, key, len) == 0 && value_same_key_kind(&a, &b);
}

/* The place of a key, SIZE_MAX when it is not there. */
static size_t find(const struct node *dict, const char *key, size_t len, enum value_kind kind)
{
	if (!dict || dict->kind != NODE_DICT)
		return SIZE_MAX;
	if (!dict->slots) {
		for (size_t i = 0; i < dict->count; i++)
			if (same_key(dict->items[i], key, len, kind))
				return i;
		return SIZE_MAX;
	}
	size_t slot = hash(key, len) & (dict->slot_count - 1);
	for (; dict->slots[slot]; slot = (slot + 1) & (dict->slot_count - 1))
		if (same_key(dict->items[dict->slots[slot] - 1], key, len, kind))
			return dict->slots[slot] - 1;
	return SIZE_MAX;
}

struct node *node_get(const struct node *dict, const char *key)
{
	size_t at = find(dict, key, strlen(key), VALUE_STRING);
	return at == SIZE_MAX ? NULL : dict->items[at];
}

struct node *node_get_like(const struct node *dict, const struct node *like)
{
	size_t at = find(dict, like->key, like->key_len, like->key_kind);
	return at == SIZE_MAX ? NULL : dict->items[at];
}

/* Put a child that has its key. */
static void put(struct arena *a, struct node *dict, struct node *child)
{
	size_t at = find(dict, child->key, child->key_len, child->key_kind);
	if (at == SIZE_MAX) {
		add(a, dict, child);
		return;
	}
	child->parent = dict;
	dict->items[at] = child;
}

void node_set(struct arena *a, struct node *dict, const char *key, struct node *child)
{
	name_child(child, arena_strdup(a, key), strlen(key), VALUE_STRING);
	put(a, dict, child);
}

void node_set_like(struct arena *a, struct node *dict, const struct node *like, struct node *child)
{
	name_child(child, like->key, like->key_len, like->key_kind);
	put(a, dict, child);
}

void node_replace(struct node *list, size_t at, struct node *child)
{
	child->key = NULL;
	child->parent = list;
	child->index = at;
	list->items[at] = child;
}

size_t node_place(const struct node *container, const struct node *child)
{
	size_t i = 0;
	while (i < container->count && container->items[i] != child)
		i++;
	return i;
}

void node_remove(struct node *container, size_t at)
{
	for (size_t i = at + 1; i < container->count; i++) {
		container->items[i - 1] = container->items[i];
		container->items[i - 1]->index = i - 1;
	}
	container->count--;
	container->slots = NULL; /* built again when something is added */
}

/* The head is "dots followed by anything but a dot or bracket"; then come ".key" and "[key]". Text
 * that fits neither is skipped, as by OmegaConf's regular expression. */
void node_split_key(struct strlist *out, const char *key)
{
	size_t dots = strspn(key, "."), head = dots + strcspn(key + dots, ".[");

	for (size_t i = 0; i < dots; i++)
		strlist_add(out, "");
	if (head > dots || key[head] != '[')
		strlist_addn(out, key + dots, head - dots);

	for (const char *p = key + head; *p;) {
		const char *close = *p == '[' ? strchr(p, ']') : NULL;
		if (*p == '.') {
			size_t n = strcspn(p + 1, ".[");
			strlist_addn(out, p + 1, n);
			p += n + 1;
		} else if (close) {
			strlist_addn(out, p + 1, (size_t)(close - p - 1));
			p = close + 1;
		} else {
			p++;
		}
	}
}

static void add_step(struct buf *out, const struct node *n)
{
	if (n->parent && n->parent->kind == NODE_LIST) {
		buf_addf(out, "[%zu]", n->index);
	} else if (n->key) {
		if (out->len)
			buf_addc(out, '.');
		buf_add(out, n->key, n->key_len);
	}
}

static void add_path(struct buf *out, const struct node *n)
{
	if (n->parent)
		add_path(out, n->parent);
	add_step(out, n);
}

void node_full_key(struct buf *out, const struct node *n, const char *key)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	add_path(&path, n);
	if (key && n->kind == NODE_LIST)
		buf_addf(&path, "[%s]", key);
	else if (key)
		buf_addf(&path, "%s%s", path.len ? "." : "", key);
	buf_addbuf(out, &path);
}

bool node_accepts(const struct node *n, const struct node *with)
{
	return !n || !n->typed_list || with->kind == NODE_LIST || node_is_null(with) ||
	       node_is_missing(with) || node_is_interpolation(with);
}

const char *node_type_name(const struct node *n)
{
	return n->kind == NODE_DICT   ? "DictConfig"
	       : n->kind == NODE_LIST ? "ListConfig"
				      : "AnyNode";
}
