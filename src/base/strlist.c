#include "base/strlist.h"

#include <stdarg.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/sort.h"

void strlist_release(struct strlist *l)
{
	strlist_clear(l);
	free(l->items);
	*l = STRLIST_INIT;
}

void strlist_clear(struct strlist *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->items[i]);
	l->count = 0;
}

void strlist_take(struct strlist *l, char *s)
{
	if (l->count + 1 >= l->cap) { /* one spare item, for the NULL of strlist_argv() */
		l->cap = l->cap ? l->cap * 2 : 8;
		l->items = mem_array(l->items, l->cap, sizeof(*l->items));
	}
	l->items[l->count++] = s;
}

void strlist_add(struct strlist *l, const char *s)
{
	strlist_take(l, mem_strdup(s));
}

void strlist_addn(struct strlist *l, const char *s, size_t len)
{
	strlist_take(l, mem_strndup(s, len));
}

void strlist_addf(struct strlist *l, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	strlist_take(l, buf_detach(&b));
}

int strlist_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strlist_sort(struct strlist *l)
{
	if (l->count > 1)
		sort_array(l->items, l->count, sizeof(*l->items), strlist_compare);
}

void strlist_uniq(struct strlist *l)
{
	size_t kept = 0;
	for (size_t i = 0; i < l->count; i++) {
		if (kept && strcmp(l->items[kept - 1], l->items[i]) == 0)
			free(l->items[i]);
		else
			l->items[kept++] = l->items[i];
	}
	l->count = kept;
}

bool strlist_has(const struct strlist *l, const char *s)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->items[i], s) == 0)
			return true;
	return false;
}

void strlist_add_once(struct strlist *l, const char *s)
{
	if (!strlist_has(l, s))
		strlist_add(l, s);
}

void strlist_remove_at(struct strlist *l, size_t at)
{
	free(l->items[at]);
	memmove(l->items + at, l->items + at + 1, (l->count - at - 1) * sizeof(*l->items));
	l->count--;
}

void strlist_split(struct strlist *l, const char *s, char sep)
{
	for (;;) {
		const char *end = strchr(s, sep);
		if (!end)
			break;
		strlist_addn(l, s, (size_t)(end - s));
		s = end + 1;
	}
	strlist_add(l, s);
}

char *strlist_join(const struct strlist *l, const char *sep)
{
	struct buf b = BUF_INIT;
	for (size_t i = 0; i < l->count; i++) {
		if (i)
			buf_adds(&b, sep);
		buf_adds(&b, l->items[i]);
	}
	return buf_detach(&b);
}

char *const *strlist_argv(struct strlist *l)
{
	if (!l->items) {
		l->cap = 8;
		l->items = mem_array(NULL, l->cap, sizeof(*l->items));
	}
	l->items[l->count] = NULL;
	return l->items;
}
