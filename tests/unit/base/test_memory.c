#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"

static void bufs(void **state)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	(void)state;
	assert_string_equal(buf_str(&b), "");
	buf_adds(&b, "hello");
	buf_insert(&b, 0, ">", 1);
	buf_splice(&b, 1, 4, "J", 1);
	assert_string_equal(b.ptr, ">Jo");
	buf_addf(&b, "%s%d", "x", 12);
	buf_addn(&b, ' ', 3);
	buf_rtrim(&b);
	assert_string_equal(b.ptr, ">Jox12");
	buf_truncate(&b, 2);
	buf_add(&b, "\0y", 2);
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.ptr, ">J\0y", 5);
	for (int i = 0; i < 10000; i++)
		buf_addc(&b, 'z');
	assert_int_equal(b.len, 10004);
	assert_true(b.cap > b.len);
	buf_clear(&b);
	AUTO(mem_freep) char *detached = buf_detach(&b);
	assert_string_equal(detached, "");
	assert_null(b.ptr);
}

static void code_points(void **state)
{
	static const struct {
		uint32_t point;
		const char *bytes;
	} cases[] = {{0x41, "A"}, {0x7F, "\x7f"}, {0x80, "\xc2\x80"}, {0x7FF, "\xdf\xbf"},
		{0x800, "\xe0\xa0\x80"}, {0xFFFF, "\xef\xbf\xbf"}, {0x10000, "\xf0\x90\x80\x80"},
		{0x10FFFF, "\xf4\x8f\xbf\xbf"}, {0xD800, "\xed\xa0\x80"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf b = BUF_INIT;
		buf_utf8(&b, cases[i].point);
		assert_string_equal(buf_str(&b), cases[i].bytes);
	}
}

/* Random inserts, overwrites and removals, compared with a plain array. */
static void maps(void **state)
{
	enum { KEYS = 97 };
	AUTO(map_release) struct map m = MAP_INIT;
	uintptr_t want[KEYS] = {0};
	uint32_t seed = 12345;
	(void)state;
	assert_null(map_get(&m, "x"));
	assert_null(map_remove(&m, "x"));
	assert_null(map_next(&m, NULL));
	for (uintptr_t step = 1; step < 20000; step++) {
		seed = seed * 1664525u + 1013904223u;
		char key[16];
		size_t k = (seed >> 8) % KEYS;
		(void)snprintf(key, sizeof(key), "key%zu", k);
		if ((seed >> 20) % 3 == 0) {
			assert_int_equal((uintptr_t)map_remove(&m, key), want[k]);
			want[k] = 0;
		} else {
			assert_int_equal((uintptr_t)map_set(&m, key, (void *)step), want[k]);
			want[k] = step;
		}
		assert_int_equal(map_has(&m, key), want[k] != 0);
	}
	size_t live = 0, walked = 0;
	for (size_t k = 0; k < KEYS; k++)
		live += want[k] != 0;
	for (struct map_entry *e = map_next(&m, NULL); e; e = map_next(&m, e))
		walked++;
	assert_int_equal(m.live, live);
	assert_int_equal(walked, live);
	assert_true(m.slot_count <= 1024); /* removed entries are reclaimed */
}

static void maps_keep_order(void **state)
{
	static const char *const keys[] = {"z", "a", "", "m"};
	AUTO(map_release) struct map m = MAP_INIT;
	size_t i = 0;
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		map_set(&m, keys[k], &m);
	map_set(&m, "z", NULL); /* a key with the value NULL exists */
	assert_true(map_has(&m, "z"));
	for (struct map_entry *e = map_next(&m, NULL); e; e = map_next(&m, e))
		assert_string_equal(e->key, keys[i++]);
	assert_ptr_equal(map_getn(&m, "abc", 1), &m);
}

static void arenas(void **state)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	(void)state;
	for (size_t size = 1; size < 200000; size = size * 3 + 1) {
		char *p = arena_alloc(&a, size);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xAA, size);
	}
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
	assert_non_null(arena_alloc(&a, 0));
}

static void vectors(void **state)
{
	VEC(int) v = {0};
	int sum = 0;
	(void)state;
	for (int i = 0; i < 100; i++)
		*vec_push(&v) = i;
	VEC_EACH (&v, it)
		sum += *it;
	assert_int_equal(sum, 4950);
	vec_release(&v);
	VEC_EACH (&v, it)
		fail();
}

static void errors(void **state)
{
	AUTO(err_release) struct err e = ERR_INIT, other = ERR_INIT;
	(void)state;
	assert_int_equal(err_set(&e, ERR_PARSE, "line %d", 3), ERR_PARSE);
	assert_int_equal(err_wrap(&e, ERR_FAIL, "file '%s'", "x"), ERR_FAIL);
	assert_string_equal(e.msg, "file 'x': line 3");
	err_hint(&e, "do %s", "that");
	assert_int_equal(err_move(&other, &e), ERR_FAIL);
	assert_null(e.msg);
	assert_string_equal(other.hint, "do that");
	assert_int_equal(err_set(NULL, ERR_IO, "nobody listens"), ERR_IO);
	assert_int_equal(err_wrap(NULL, ERR_IO, "nobody listens"), ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bufs),
		cmocka_unit_test(code_points),
		cmocka_unit_test(maps),
		cmocka_unit_test(maps_keep_order),
		cmocka_unit_test(arenas),
		cmocka_unit_test(vectors),
		cmocka_unit_test(errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
