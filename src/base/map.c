#include "base/map.h"

#include "base/alloc.h"

static uint32_t hash_bytes(const char *s, size_t len)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

void map_release(struct map *m)
{
	for (size_t i = 0; i < m->count; i++)
		free(m->entries[i].key);
	free(m->entries);
	free(m->slots);
	*m = MAP_INIT;
}

/* Fill new slots, and drop removed entries on the way. */
static void rebuild(struct map *m, size_t slot_count)
{
	free(m->slots);
	m->slots = mem_zalloc(slot_count * sizeof(*m->slots));
	m->slot_count = slot_count;

	size_t kept = 0;
	for (size_t i = 0; i < m->count; i++)
		if (m->entries[i].key)
			m->entries[kept++] = m->entries[i];
	m->count = kept;

	for (size_t i = 0; i < m->count; i++) {
		size_t at = m->entries[i].hash & (slot_count - 1);
		while (m->slots[at])
			at = (at + 1) & (slot_count - 1);
		m->slots[at] = (uint32_t)i + 1;
	}
}

static struct map_entry *find(const struct map *m, const char *key, size_t len)
{
	if (!m->live)
		return NULL;

	uint32_t hash = hash_bytes(key, len);
	for (size_t at = hash & (m->slot_count - 1); m->slots[at];
		at = (at + 1) & (m->slot_count - 1)) {
		struct map_entry *e = &m->entries[m->slots[at] - 1];
		/* a removed entry keeps its slot: go on */
		if (e->key && e->hash == hash && e->len == len && memcmp(e->key, key, len) == 0)
			return e;
	}
	return NULL;
}

void *map_getn(const struct map *m, const char *key, size_t len)
{
	struct map_entry *e = find(m, key, len);
	return e ? e->value : NULL;
}

void *map_get(const struct map *m, const char *key)
{
	return map_getn(m, key, strlen(key));
}

bool map_has(const struct map *m, const char *key)
{
	return find(m, key, strlen(key)) != NULL;
}

void *map_setn(struct map *m, const char *key, size_t len, void *value)
{
	struct map_entry *e = find(m, key, len);
	if (e) {
		void *old = e->value;
		e->value = value;
		return old;
	}

	/* `count` includes removed entries. If they are many, the size stays and rebuild() only
	 * drops them. */
	if ((m->count + 1) * 2 > m->slot_count)
		rebuild(m, m->live * 4 < 16
				   ? 16
				   : m->slot_count * (m->live * 4 > m->slot_count ? 2 : 1));

	if (m->count == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 8;
		m->entries = mem_array(m->entries, m->cap, sizeof(*m->entries));
	}

	uint32_t hash = hash_bytes(key, len);
	m->entries[m->count] = (struct map_entry){mem_strndup(key, len), len, hash, value};

	size_t at = hash & (m->slot_count - 1);
	while (m->slots[at])
		at = (at + 1) & (m->slot_count - 1);
	m->slots[at] = (uint32_t)++m->count;
	m->live++;
	return NULL;
}

void *map_set(struct map *m, const char *key, void *value)
{
	return map_setn(m, key, strlen(key), value);
}

void *map_remove(struct map *m, const char *key)
{
	struct map_entry *e = find(m, key, strlen(key));
	if (!e)
		return NULL;
	free(e->key);
	e->key = NULL; /* the slot stays taken, so that later keys of its run are still found */
	m->live--;
	return e->value;
}

struct map_entry *map_next(const struct map *m, const struct map_entry *previous)
{
	for (size_t i = previous ? (size_t)(previous - m->entries) + 1 : 0; i < m->count; i++)
		if (m->entries[i].key)
			return &m->entries[i];
	return NULL;
}
