#include "store/oid.h"

#include "base/alloc.h"
#include "base/sort.h"

bool oid_equal(const struct oid *a, const struct oid *b)
{
	if (!oid_is_set(a) || !oid_is_set(b))
		return oid_is_set(a) == oid_is_set(b);
	return a->hash == b->hash && a->is_dir == b->is_dir &&
	       memcmp(a->digest, b->digest, MD5_BYTES) == 0;
}

int oid_compare(const void *pa, const void *pb)
{
	const struct oid *a = pa, *b = pb;
	int order = memcmp(a->digest, b->digest, MD5_BYTES);
	if (order == 0)
		order = (int)a->is_dir - (int)b->is_dir;
	return order ? order : (int)a->hash - (int)b->hash;
}

/* The value of a digit plus one; 0 for any other character. A table, because listings have millions
 * of digits. */
static const unsigned char hex_digits[256] = {['0'] = 1,
	['1'] = 2,
	['2'] = 3,
	['3'] = 4,
	['4'] = 5,
	['5'] = 6,
	['6'] = 7,
	['7'] = 8,
	['8'] = 9,
	['9'] = 10,
	['a'] = 11,
	['b'] = 12,
	['c'] = 13,
	['d'] = 14,
	['e'] = 15,
	['f'] = 16,
	['A'] = 11,
	['B'] = 12,
	['C'] = 13,
	['D'] = 14,
	['E'] = 15,
	['F'] = 16};

bool oid_parse(struct oid *out, const char *text, enum hash_name hash)
{
	struct oid o = {.hash = (uint8_t)hash};
	for (int i = 0; i < MD5_HEX; i++) {
		/* a NUL is no digit, so the loop stops at the end of a short text */
		unsigned digit = hex_digits[(unsigned char)text[i]];
		if (!digit)
			return false;
		o.digest[i / 2] = (unsigned char)(o.digest[i / 2] << 4 | (digit - 1));
	}

	o.is_dir = strcmp(text + MD5_HEX, ".dir") == 0;
	if (!o.is_dir && text[MD5_HEX])
		return false;
	*out = o;
	return true;
}

char *oid_format(const struct oid *o, char out[OID_TEXT])
{
	out[0] = '\0';
	if (!oid_is_set(o))
		return out;
	md5_to_hex(o->digest, out);
	if (o->is_dir)
		memcpy(out + MD5_HEX, ".dir", sizeof(".dir"));
	return out;
}

const char *hash_name_text(enum hash_name hash)
{
	return hash == HASH_MD5 ? "md5" : hash == HASH_MD5_DOS2UNIX ? "md5-dos2unix" : "";
}

enum hash_name hash_name_parse(const char *text)
{
	if (!text || strcmp(text, "md5-dos2unix") == 0)
		return HASH_MD5_DOS2UNIX;
	return strcmp(text, "md5") == 0 ? HASH_MD5 : HASH_NONE;
}

/* DVC's heuristic for text: no NUL, and at most 30 % of the first 512 bytes are outside printable
 * ASCII and \n \r \t \f \b. */
static bool looks_like_text(const unsigned char *p, size_t len)
{
	enum { LOOK_AT = 512 };
	size_t odd = 0;
	len = MIN(len, (size_t)LOOK_AT);
	for (size_t i = 0; i < len; i++) {
		if (p[i] == 0)
			return false;
		bool control = p[i] == '\n' || p[i] == '\r' || p[i] == '\t' || p[i] == '\f' ||
			       p[i] == '\b';
		odd += !control && (p[i] < 0x20 || p[i] > 0x7e);
	}
	return odd * 10 <= len * 3;
}

/* A CRLF that is split between two chunks stays as it is, in DVC as well. */
void dos2unix_update(struct md5 *m, const void *chunk, size_t len, void *scratch)
{
	const unsigned char *p = chunk;
	unsigned char *to = scratch;

	if (!looks_like_text(p, len)) {
		md5_update(m, p, len);
		return;
	}

	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\r' && i + 1 < len && p[i + 1] == '\n')
			continue;
		*to++ = p[i];
	}
	md5_update(m, scratch, (size_t)(to - (unsigned char *)scratch));
}

void dos2unix_of(const void *bytes, size_t len, unsigned char out_digest[MD5_BYTES])
{
	struct md5 m;
	AUTO(mem_freep) unsigned char *scratch = mem_alloc(MIN(len, (size_t)DOS2UNIX_CHUNK) + 1);
	md5_init(&m);

	for (size_t at = 0; at < len; at += DOS2UNIX_CHUNK)
		dos2unix_update(&m, (const char *)bytes + at, MIN(len - at, (size_t)DOS2UNIX_CHUNK),
			scratch);
	md5_final(&m, out_digest);
}

void oid_list_release(struct oid_list *l)
{
	free(l->items);
	*l = (struct oid_list){0};
}

void oid_list_add(struct oid_list *l, const struct oid *o)
{
	if (l->count == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 16;
		l->items = mem_array(l->items, l->cap, sizeof(*l->items));
	}
	l->items[l->count++] = *o;
}

/* sort_array() costs more than this for the short runs of sort_by_prefix(). */
static void insertion_sort(struct oid *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct oid o = items[i];
		size_t k = i;
		for (; k && oid_compare(&items[k - 1], &o) > 0; k--)
			items[k] = items[k - 1];
		items[k] = o;
	}
}

static void sort_range(struct oid *items, size_t count)
{
	enum { FEW = 32 };
	if (count <= FEW)
		insertion_sort(items, count);
	else
		sort_array(items, count, sizeof(*items), oid_compare);
}

static unsigned prefix(const struct oid *o)
{
	return (unsigned)o->digest[0] << 8 | o->digest[1];
}

/* Digests are distributed evenly, so after a counting sort by two bytes few names are left to
 * compare: several times faster than sort_array() over all. */
static void sort_by_prefix(struct oid_list *l)
{
	enum { PREFIXES = 1 << 16 };
	AUTO(mem_freep) size_t *end = mem_zalloc((PREFIXES + 1) * sizeof(*end));
	struct oid *sorted = mem_array(NULL, l->count, sizeof(*sorted));

	/* counts, then sums: end[p] becomes the first index of prefix p */
	for (size_t i = 0; i < l->count; i++)
		end[prefix(&l->items[i]) + 1]++;
	for (size_t p = 0; p < PREFIXES; p++)
		end[p + 1] += end[p];

	/* each placement moves end[p] up, so that at last it is the index behind prefix p */
	for (size_t i = 0; i < l->count; i++)
		sorted[end[prefix(&l->items[i])]++] = l->items[i];

	for (size_t p = 0, first = 0; p < PREFIXES; first = end[p++])
		sort_range(sorted + first, end[p] - first);

	free(l->items);
	l->items = sorted;
	l->cap = l->count;
}

void oid_list_sort(struct oid_list *l)
{
	enum { MANY = 4096 };
	if (l->count < 2)
		return;
	if (l->count < MANY)
		sort_range(l->items, l->count);
	else
		sort_by_prefix(l);

	/* remove duplicates */
	size_t kept = 1;
	for (size_t i = 1; i < l->count; i++) {
		if (oid_compare(&l->items[i], &l->items[kept - 1]) != 0)
			l->items[kept++] = l->items[i];
	}
	l->count = kept;
}

size_t oid_list_lower(const struct oid_list *sorted, const struct oid *o)
{
	size_t low = 0, high = sorted->count;
	/* invariant: all before `low` are less, none from `high` on is */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (oid_compare(&sorted->items[middle], o) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool oid_list_has(const struct oid_list *sorted, const struct oid *o)
{
	size_t at = oid_list_lower(sorted, o);
	return at < sorted->count && oid_compare(&sorted->items[at], o) == 0;
}
