/* A merge sort of pointers to the items; the items themselves are moved once, at the end. */
#include "base/sort.h"

#include "base/alloc.h"

struct sorting {
	int (*compare)(const void *a, const void *b, void *arg);
	void *arg;
	char **merged; /* room for half of the pointers */
};

static bool in_order(const struct sorting *s, const char *a, const char *b)
{
	return s->compare(a, b, s->arg) <= 0;
}

static void insert_each(const struct sorting *s, char **p, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		char *item = p[i];
		size_t k = i;
		for (; k && !in_order(s, p[k - 1], item); k--)
			p[k] = p[k - 1];
		p[k] = item;
	}
}

/* `half` sorted pointers, and behind them the others, sorted, too. */
static void merge(const struct sorting *s, char **p, size_t half, size_t count)
{
	char **left = s->merged, **left_end = left + half, **right = p + half, **end = p + count;
	memcpy(left, p, half * sizeof(*p));
	while (left < left_end && right < end)
		*p++ = in_order(s, *left, *right) ? *left++ : *right++;
	memcpy(p, left,
		(size_t)(left_end - left) * sizeof(*p)); /* the rest on the right is in place */
}

static void sort_pointers(const struct sorting *s, char **p, size_t count)
{
	enum { FEW = 8 };
	if (count <= FEW) {
		insert_each(s, p, count);
		return;
	}
	size_t half = count / 2;
	sort_pointers(s, p, half);
	sort_pointers(s, p + half, count - half);
	if (!in_order(s, p[half - 1], p[half]))
		merge(s, p, half, count);
}

/* Move each item to where its pointer stands. Every circle of moves needs one item aside. */
static void place(char *items, char **p, size_t count, size_t item_bytes, char *aside)
{
	for (size_t i = 0; i < count; i++) {
		char *to = items + i * item_bytes;
		if (p[i] == to)
			continue;
		memcpy(aside, to, item_bytes);
		size_t at = i;
		while (p[at] != to) {
			char *from = p[at];
			memcpy(items + at * item_bytes, from, item_bytes);
			p[at] = items + at * item_bytes;
			at = (size_t)(from - items) / item_bytes;
		}
		memcpy(items + at * item_bytes, aside, item_bytes);
		p[at] = items + at * item_bytes;
	}
}

void sort_array_with(void *items, size_t count, size_t item_bytes,
	int (*compare)(const void *a, const void *b, void *arg), void *arg)
{
	if (count < 2)
		return;
	AUTO(mem_freep) char **p = mem_array(NULL, count, sizeof(*p));
	AUTO(mem_freep) char **merged = mem_array(NULL, count / 2, sizeof(*merged));
	AUTO(mem_freep) char *aside = mem_alloc(item_bytes);
	const struct sorting s = {.compare = compare, .arg = arg, .merged = merged};

	for (size_t i = 0; i < count; i++)
		p[i] = (char *)items + i * item_bytes;
	sort_pointers(&s, p, count);
	place(items, p, count, item_bytes, aside);
}

struct plain {
	int (*compare)(const void *a, const void *b);
};

static int compare_plain(const void *a, const void *b, void *arg)
{
	const struct plain *p = arg;
	return p->compare(a, b);
}

void sort_array(
	void *items, size_t count, size_t item_bytes, int (*compare)(const void *a, const void *b))
{
	struct plain p = {compare};
	sort_array_with(items, count, item_bytes, compare_plain, &p);
}
