/*
 * The tree that OmegaConf works on: dicts, lists and scalars that know their parent, so that a
 * relative interpolation can be followed and an error can name the full key.
 *
 * Nodes live in an arena. A node belongs to one container, except during composition, where
 * OmegaConf lets the merged configuration share nodes with the file that they come from (see
 * node_set()). Not to be shared between threads.
 */
#ifndef HYDRA_NODE_H
#define HYDRA_NODE_H

#include "text/value.h"

enum node_kind { NODE_SCALAR, NODE_DICT, NODE_LIST };

struct node {
	enum node_kind kind;
	struct node *parent; /* NULL: the root */
	char *key;           /* its key in a dict; NULL in a list and for the root */
	size_t key_len;
	enum value_kind key_kind;
	size_t index;         /* its place in a list */
	struct value *scalar; /* of NODE_SCALAR, never NULL */
	/* Made by oc.dict.values: OmegaConf gives that list a type, so nothing else may replace it.
	 */
	bool typed_list;
	struct node **items; /* of a dict in the order of its keys, of a list */
	size_t count, cap;
	uint32_t *slots; /* hash table of a large dict: places plus one; NULL: not built */
	size_t slot_count;
};

struct node *node_scalar(struct arena *a, struct value *v);
struct node *node_dict(struct arena *a);
struct node *node_list(struct arena *a);
/* A tree with the values of `v`; scalars are shared with it. */
struct node *node_from(struct arena *a, const struct value *v);
struct value *node_value(struct arena *a, const struct node *n); /* the other way round */
struct node *node_copy(struct arena *a, const struct node *n);   /* deep; without a parent */

size_t node_weight(const struct node *n); /* the number of nodes in it */

bool node_is_container(const struct node *n);     /* false for NULL */
bool node_is_missing(const struct node *n);       /* the scalar "???" */
bool node_is_null(const struct node *n);          /* a scalar null, not NULL */
bool node_is_interpolation(const struct node *n); /* a scalar with "${" */
const char *node_str(const struct node *n);       /* text of a string, else NULL */
struct node *node_root(struct node *n);

/* The child with a string as key; NULL when there is none. */
struct node *node_get(const struct node *dict, const char *key);
/* The child with the key of `like`, which may have another type than string. */
struct node *node_get_like(const struct node *dict, const struct node *like);
/* Put a child under a string key; an existing key keeps its place. */
void node_set(struct arena *a, struct node *dict, const char *key, struct node *child);
/* The same under the key of `like`. */
void node_set_like(struct arena *a, struct node *dict, const struct node *like, struct node *child);
void node_append(struct arena *a, struct node *list, struct node *child);
void node_replace(struct node *list, size_t at, struct node *child);
void node_remove(struct node *container, size_t at); /* also of a dict */
/* The place in its container of a child. */
size_t node_place(const struct node *container, const struct node *child);

/* Split "a.b[c].d" into its keys, as OmegaConf does. */
struct strlist;
void node_split_key(struct strlist *out, const char *key);
/* Append "a.b[0].c", the keys from the root to `n` and below it `key` (which may be NULL). */
void node_full_key(struct buf *out, const struct node *n, const char *key);
/* May `n` be replaced by `with`? False for a list with a type and anything that is none. */
bool node_accepts(const struct node *n, const struct node *with);
const char *node_type_name(const struct node *n); /* DictConfig, ListConfig */

#endif
