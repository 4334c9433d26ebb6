/* A list that owns its strings. All-zero is empty. After strlist_argv() `items` can be passed to
 * execvp(). */
#ifndef BASE_STRLIST_H
#define BASE_STRLIST_H

#include "base/base.h"

struct strlist {
	char **items;
	size_t count, cap;
};

#define STRLIST_INIT ((struct strlist){0})

void strlist_release(struct strlist *l);
void strlist_clear(struct strlist *l);
void strlist_add(struct strlist *l, const char *s); /* adds a copy */
void strlist_addn(struct strlist *l, const char *s, size_t len);
void strlist_addf(struct strlist *l, const char *fmt, ...) PRINTF_LIKE(2, 3);
void strlist_take(struct strlist *l, char *s); /* takes ownership */
void strlist_sort(struct strlist *l); /* by bytes; for UTF-8 that is the order of code points */
int strlist_compare(
	const void *a, const void *b); /* of its items, as strlist_sort(): for bsearch() */
void strlist_uniq(struct strlist *l);  /* removes equal neighbours */
bool strlist_has(const struct strlist *l, const char *s);
void strlist_add_once(struct strlist *l, const char *s); /* unless it is in the list */
void strlist_remove_at(struct strlist *l, size_t at);
/* adds the parts, including empty ones */
void strlist_split(struct strlist *l, const char *s, char sep);
char *strlist_join(const struct strlist *l, const char *sep); /* heap string */
char *const *strlist_argv(
	struct strlist *l); /* items followed by NULL, valid until the next change */

#endif
