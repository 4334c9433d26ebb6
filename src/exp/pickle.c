/* A pickle is a program for a stack machine. This is that machine, without the instructions that
 * import or call anything. */
#include "exp/pickle.h"

#include <string.h>

#include "base/vec.h"

/* The opcodes of protocols 2 to 5 that plain data uses (names as in Python's pickletools). */
enum opcode {
	OP_MARK = '(',
	OP_STOP = '.',
	OP_POP = '0',
	OP_BINFLOAT = 'G',
	OP_BININT = 'J',
	OP_BININT1 = 'K',
	OP_BININT2 = 'M',
	OP_NONE = 'N',
	OP_BINUNICODE = 'X',
	OP_EMPTY_LIST = ']',
	OP_APPEND = 'a',
	OP_APPENDS = 'e',
	OP_BINGET = 'h',
	OP_LONG_BINGET = 'j',
	OP_BINPUT = 'q',
	OP_LONG_BINPUT = 'r',
	OP_SETITEM = 's',
	OP_TUPLE = 't',
	OP_SETITEMS = 'u',
	OP_EMPTY_DICT = '}',
	OP_EMPTY_TUPLE = ')',
	OP_PROTO = 0x80,
	OP_TUPLE1 = 0x85,
	OP_TUPLE2 = 0x86,
	OP_TUPLE3 = 0x87,
	OP_NEWTRUE = 0x88,
	OP_NEWFALSE = 0x89,
	OP_LONG1 = 0x8a,
	OP_SHORT_BINUNICODE = 0x8c,
	OP_MEMOIZE = 0x94,
	OP_FRAME = 0x95,
};

struct machine {
	struct arena *a;
	const unsigned char *at, *end;
	VEC(struct value *) stack; /* NULL is a mark (OP_MARK) */
	VEC(struct value *) memo;  /* by number; NULL: not set */
};

static int broken(struct err *err, const char *why)
{
	return err_set(err, ERR_PARSE, "not plain data in Python's pickle format: %s", why);
}

/* A little-endian number of `width` bytes; false at the end of the text. */
static bool number(struct machine *m, int width, uint64_t *out)
{
	if (m->end - m->at < width)
		return false;
	*out = 0;
	for (int i = 0; i < width; i++)
		*out |= (uint64_t)m->at[i] << (8 * i);
	m->at += width;
	return true;
}

static void push(struct machine *m, struct value *v)
{
	*vec_push(&m->stack) = v;
}

static struct value *top(struct machine *m)
{
	return m->stack.count ? m->stack.items[m->stack.count - 1] : NULL;
}

/* Index of the first item after the last mark, or SIZE_MAX. */
static size_t after_mark(const struct machine *m)
{
	for (size_t i = m->stack.count; i > 0; i--)
		if (!m->stack.items[i - 1])
			return i;
	return SIZE_MAX;
}

/* The length has `width` bytes. It is checked before it is used. */
static int push_text(struct machine *m, int width, struct err *err)
{
	uint64_t len;

	if (!number(m, width, &len) || len > (uint64_t)(m->end - m->at))
		return broken(err, "cut off");
	push(m, value_stringn(m->a, (const char *)m->at, (size_t)len));
	m->at += len;
	return 0;
}

/* Python's numbers are unlimited; more than 8 bytes are refused. */
static int push_int(struct machine *m, int width, bool has_sign, struct err *err)
{
	uint64_t n;

	if (width > 8 || !number(m, width, &n))
		return broken(err, "number");
	if (has_sign && width > 0 && width < 8 && n >> (8 * width - 1))
		n |= ~UINT64_C(0) << (8 * width);
	push(m, value_int(m->a, (int64_t)n));
	return 0;
}

/* Unlike integers, floats are big-endian. */
static int push_float(struct machine *m, struct err *err)
{
	uint64_t bits = 0;
	double d;

	if (m->end - m->at < 8)
		return broken(err, "cut off");
	for (int i = 0; i < 8; i++)
		bits = bits << 8 | m->at[i];
	m->at += 8;
	memcpy(&d, &bits, sizeof(d));
	push(m, value_float(m->a, d));
	return 0;
}

/* Replace the items from `first` on (and the mark before them) by a tuple of them. */
static int make_tuple(struct machine *m, size_t first, bool drop_mark, struct err *err)
{
	struct value *tuple = value_new(m->a, VALUE_TUPLE);

	if (first > m->stack.count)
		return broken(err, "tuple");
	for (size_t i = first; i < m->stack.count; i++) {
		if (!m->stack.items[i])
			return broken(err, "tuple");
		value_append(m->a, tuple, m->stack.items[i]);
	}
	m->stack.count = first - (drop_mark ? 1 : 0);
	push(m, tuple);
	return 0;
}

/* Move the items from `first` on into the container below them; with `marked` there is a mark in
 * between. `first` may be out of range, in broken input. */
static int fill(struct machine *m, size_t first, bool marked, enum value_kind kind, struct err *err)
{
	size_t below = first - (marked ? 1 : 0);
	struct value *into = first <= m->stack.count && below > 0 && below <= m->stack.count
				     ? m->stack.items[below - 1]
				     : NULL;

	if (!value_is(into, kind))
		return broken(err, "container");

	for (size_t i = first; i < m->stack.count; i++) {
		struct value *item = m->stack.items[i];

		/* valid in Python, but code that walks values would never end */
		if (!item || item == into)
			return broken(err, "item");
		if (kind == VALUE_LIST) {
			value_append(m->a, into, item);
			continue;
		}
		/* a dictionary: keys and values alternate; keys must be text */
		if (!value_str(item) || i + 1 >= m->stack.count || !m->stack.items[i + 1])
			return broken(err, "key");
		value_setn(m->a, into, item->str.ptr, item->str.len, m->stack.items[i + 1]);
		i++;
	}

	m->stack.count = below;
	return 0;
}

/* Values are shared, not copied: the memory is bounded by the input. */
static int get_memo(struct machine *m, int width, struct err *err)
{
	uint64_t at;

	if (!number(m, width, &at) || at >= m->memo.count || !m->memo.items[at])
		return broken(err, "memo");
	push(m, m->memo.items[at]);
	return 0;
}

/* Without a width (OP_MEMOIZE) the next number is used. The limit bounds the memory. */
static int put_memo(struct machine *m, int width, struct err *err)
{
	uint64_t at = m->memo.count;

	if ((width && !number(m, width, &at)) || at > PICKLE_MAX_BYTES || !top(m))
		return broken(err, "memo");
	while (m->memo.count <= at)
		(void)vec_push(&m->memo);
	m->memo.items[at] = top(m);
	return 0;
}

/* Execute one instruction. */
static int step(struct machine *m, int op, struct err *err)
{
	size_t marked = after_mark(m);
	uint64_t n;

	switch (op) {
	case OP_PROTO:
		return number(m, 1, &n) && n <= 5 ? 0 : broken(err, "protocol");
	case OP_FRAME:
		return number(m, 8, &n) ? 0 : broken(err, "cut off");
	case OP_MARK:
		push(m, NULL);
		return 0;
	case OP_POP:
		m->stack.count -= m->stack.count ? 1 : 0;
		return 0;
	case OP_NONE:
		push(m, value_null(m->a));
		return 0;
	case OP_NEWTRUE:
	case OP_NEWFALSE:
		push(m, value_bool(m->a, op == OP_NEWTRUE));
		return 0;
	case OP_BININT:
		return push_int(m, 4, true, err);
	case OP_BININT1:
		return push_int(m, 1, false, err);
	case OP_BININT2:
		return push_int(m, 2, false, err);
	case OP_LONG1:
		return number(m, 1, &n) ? push_int(m, (int)n, true, err) : broken(err, "cut off");
	case OP_BINFLOAT:
		return push_float(m, err);
	case OP_BINUNICODE:
		return push_text(m, 4, err);
	case OP_SHORT_BINUNICODE:
		return push_text(m, 1, err);
	case OP_EMPTY_LIST:
		push(m, value_list(m->a));
		return 0;
	case OP_EMPTY_DICT:
		push(m, value_map(m->a));
		return 0;
	case OP_EMPTY_TUPLE:
		return make_tuple(m, m->stack.count, false, err);
	case OP_TUPLE1:
	case OP_TUPLE2:
	case OP_TUPLE3:
		n = (uint64_t)(op - OP_TUPLE1 + 1);
		return n <= m->stack.count ? make_tuple(m, m->stack.count - n, false, err)
					   : broken(err, "tuple");
	case OP_TUPLE:
		return make_tuple(m, marked, true, err);
	case OP_APPEND:
		return fill(m, m->stack.count - 1, false, VALUE_LIST, err);
	case OP_APPENDS:
		return fill(m, marked, true, VALUE_LIST, err);
	case OP_SETITEM:
		return fill(m, m->stack.count - 2, false, VALUE_MAP, err);
	case OP_SETITEMS:
		return fill(m, marked, true, VALUE_MAP, err);
	case OP_BINGET:
		return get_memo(m, 1, err);
	case OP_LONG_BINGET:
		return get_memo(m, 4, err);
	case OP_BINPUT:
		return put_memo(m, 1, err);
	case OP_LONG_BINPUT:
		return put_memo(m, 4, err);
	case OP_MEMOIZE:
		return put_memo(m, 0, err);
	default:
		return broken(err, "it would make objects");
	}
}

int pickle_load(struct arena *a, const char *bytes, size_t len, struct value **out, struct err *err)
{
	struct machine m = {.a = a,
		.at = (const unsigned char *)bytes,
		.end = (const unsigned char *)bytes + len};
	int r = 0;

	if (len > PICKLE_MAX_BYTES)
		return broken(err, "too large");

	for (;;) {
		if (m.at == m.end) {
			r = broken(err, "cut off");
			break;
		}
		int op = *m.at++;

		if (op == OP_STOP) {
			*out = top(&m);
			r = *out ? 0 : broken(err, "empty");
			break;
		}
		r = step(&m, op, err);
		if (r < 0)
			break;
	}

	vec_release(&m.stack);
	vec_release(&m.memo);
	return r;
}
