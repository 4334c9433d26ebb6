/* Hashing of one stream, and the assignment of jobs to lanes. The vector kernels are files of their
 * own, since each is compiled with its instruction set. */
#include "base/md5.h"

#include "base/md5_int.h"
#include "base/processor.h"

static const uint32_t initial_state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

static inline uint32_t load32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void store32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

/* The dependency on b limits the speed of one stream. G is therefore written as a sum of two
 * disjoint halves: only one of them has to wait for b. */
#define ADD_F(a, b, c, d) a += (d) ^ ((b) & ((c) ^ (d)))
#define ADD_G(a, b, c, d) a += (c) & ~(d), a += (b) & (d)
#define ADD_H(a, b, c, d) a += (b) ^ ((c) ^ (d))
#define ADD_I(a, b, c, d) a += (c) ^ ((b) | ~(d))
#define STEP(f, a, b, c, d, k, s, t)                                                               \
	a += w[k] + (uint32_t)(t);                                                                 \
	ADD_##f(a, b, c, d);                                                                       \
	a = ((a << (s)) | (a >> (32 - (s)))) + (b);

/* The four state words are in registers over all blocks. */
static void run_blocks(uint32_t state[4], const unsigned char *p, size_t blocks)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	for (; blocks; blocks--, p += MD5_BLOCK) {
		uint32_t w[16], a0 = a, b0 = b, c0 = c, d0 = d;
		for (int i = 0; i < 16; i++)
			w[i] = load32(p + 4 * i);
		MD5_STEPS(STEP)
		a += a0, b += b0, c += c0, d += d0;
	}
	state[0] = a, state[1] = b, state[2] = c, state[3] = d;
}

/* Write the padded end of a message: its last `rest_len` bytes (fewer than a block), 0x80, zeros,
 * and the length in bits. Returns the number of blocks, 1 or 2. */
static size_t pad_tail(unsigned char out[2 * MD5_BLOCK], const unsigned char *rest, size_t rest_len,
	uint64_t len_bytes)
{
	size_t total = rest_len + 9 <= MD5_BLOCK ? MD5_BLOCK : 2 * MD5_BLOCK;
	if (rest_len)
		memmove(out, rest, rest_len);

	memset(out + rest_len, 0, total - rest_len);
	out[rest_len] = 0x80;
	store32(out + total - 8, (uint32_t)(len_bytes << 3));
	store32(out + total - 4, (uint32_t)(len_bytes >> 29));
	return total / MD5_BLOCK;
}

void md5_init(struct md5 *m)
{
	memcpy(m->state, initial_state, sizeof(m->state));
	m->len_bytes = 0;
}

void md5_update(struct md5 *m, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t held = m->len_bytes % MD5_BLOCK;
	if (len == 0)
		return;
	m->len_bytes += len;
	if (held) { /* fill the started block first */
		size_t take = MIN(len, MD5_BLOCK - held);
		memcpy(m->block + held, p, take);
		p += take;
		len -= take;
		if (held + take < MD5_BLOCK)
			return;
		run_blocks(m->state, m->block, 1);
	}
	/* whole blocks directly from the input, without a copy */
	run_blocks(m->state, p, len / MD5_BLOCK);
	memcpy(m->block, p + len / MD5_BLOCK * MD5_BLOCK, len % MD5_BLOCK);
}

void md5_final(struct md5 *m, unsigned char out_digest[MD5_BYTES])
{
	unsigned char tail[2 * MD5_BLOCK];
	size_t blocks = pad_tail(tail, m->block, m->len_bytes % MD5_BLOCK, m->len_bytes);
	run_blocks(m->state, tail, blocks);
	for (int i = 0; i < 4; i++)
		store32(out_digest + 4 * i, m->state[i]);
}

void md5_of(const void *p, size_t len, unsigned char out_digest[MD5_BYTES])
{
	struct md5 m;
	md5_init(&m);
	md5_update(&m, p, len);
	md5_final(&m, out_digest);
}

void md5_to_hex(const unsigned char digest[MD5_BYTES], char out_hex[MD5_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	for (int i = 0; i < MD5_BYTES; i++) {
		out_hex[2 * i] = digits[digest[i] >> 4];
		out_hex[2 * i + 1] = digits[digest[i] & 15];
	}
	out_hex[MD5_HEX] = '\0';
}

/* One lane: its job, its position, and the padded end of the job. */
struct lane {
	struct md5_job *job; /* NULL while idle */
	const unsigned char *at;
	size_t blocks; /* whole blocks left at `at` */
	uint64_t len_bytes;
	bool in_tail;
	unsigned char tail[2 * MD5_BLOCK];
};

struct lanes {
	md5_kernel kernel;
	size_t count, busy;
	uint32_t state[4][MD5_MAX_LANES];
	struct lane lane[MD5_MAX_LANES];
};

/* Point the lane at the part that the job has now. */
static void lane_set_part(struct lane *l)
{
	l->at = l->job->data;
	l->blocks = l->job->len / MD5_BLOCK;
	l->len_bytes += l->job->len;
}

/* Give a job to an idle lane. */
static void lane_start(struct lanes *ls, size_t i, struct md5_job *job)
{
	struct lane *l = &ls->lane[i];
	l->job = job;
	l->len_bytes = 0;
	l->in_tail = false;

	for (int w = 0; w < 4; w++)
		ls->state[w][i] = initial_state[w];
	lane_set_part(l);
	ls->busy++;
}

/* The lane has no whole block left: go on to the next part, then to the tail, then to the end. True
 * when the job is done. */
static bool lane_advance(struct lanes *ls, size_t i)
{
	struct lane *l = &ls->lane[i];
	while (l->blocks == 0) {
		if (l->in_tail) {
			for (int w = 0; w < 4; w++)
				store32(l->job->digest + 4 * w, ls->state[w][i]);
			l->job = NULL;
			ls->busy--;
			return true;
		}

		size_t rest = l->job->len % MD5_BLOCK;
		if (rest == 0 && l->job->more && l->job->more(l->job)) {
			lane_set_part(l);
			continue;
		}

		l->blocks = pad_tail(l->tail, l->at, rest, l->len_bytes);
		l->at = l->tail;
		l->in_tail = true;
	}
	return false;
}

/* Run every lane by as many blocks as the shortest lane has left. Idle lanes hash the bytes of that
 * lane, and their result is ignored. */
static void lanes_run(struct lanes *ls)
{
	const unsigned char *data[MD5_MAX_LANES];
	const struct lane *shortest = NULL;
	for (size_t i = 0; i < ls->count; i++) {
		if (ls->lane[i].job && (!shortest || ls->lane[i].blocks < shortest->blocks))
			shortest = &ls->lane[i];
	}

	size_t blocks = shortest->blocks;
	for (size_t i = 0; i < ls->count; i++)
		data[i] = ls->lane[i].job ? ls->lane[i].at : shortest->at;
	ls->kernel(ls->state, data, blocks);

	for (size_t i = 0; i < ls->count; i++) {
		if (ls->lane[i].job) {
			ls->lane[i].at += blocks * MD5_BLOCK;
			ls->lane[i].blocks -= blocks;
		}
	}
}

/* When few lanes are left, hashing one stream after another is as fast, and it leaves the wide
 * vector unit idle. */
static void lane_finish_alone(struct lanes *ls, size_t i)
{
	struct lane *l = &ls->lane[i];
	uint32_t state[4];
	for (int w = 0; w < 4; w++)
		state[w] = ls->state[w][i];

	do {
		run_blocks(state, l->at, l->blocks);
		l->at += l->blocks * MD5_BLOCK;
		l->blocks = 0;
		for (int w = 0; w < 4; w++)
			ls->state[w][i] = state[w];
	} while (!lane_advance(ls, i));
}

static void many_in_lanes(md5_kernel kernel, size_t lanes, struct md5_job *jobs, size_t count)
{
	enum { FEW_LANES = 2 };
	struct lanes ls = {.kernel = kernel, .count = lanes};
	size_t next = 0;

	for (size_t i = 0; i < lanes && next < count; i++)
		lane_start(&ls, i, &jobs[next++]);

	/* each round: finished lanes take new jobs, then all lanes run as far as the shortest */
	while (ls.busy) {
		for (size_t i = 0; i < lanes; i++) {
			while (ls.lane[i].job && lane_advance(&ls, i)) {
				if (next < count)
					lane_start(&ls, i, &jobs[next++]);
			}
		}
		if (ls.busy > FEW_LANES) {
			lanes_run(&ls);
			continue;
		}

		for (size_t i = 0; i < lanes; i++) {
			if (ls.lane[i].job)
				lane_finish_alone(&ls, i);
		}
	}
}

/* Without a vector unit: one job after another. */
static void many_alone(struct md5_job *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct md5 m;
		md5_init(&m);
		do
			md5_update(&m, jobs[i].data, jobs[i].len);
		while (jobs[i].more && jobs[i].more(&jobs[i]));
		md5_final(&m, jobs[i].digest);
	}
}

static bool machine_has(size_t lanes)
{
#ifdef HAVE_X86_KERNELS
	if (lanes == 16 || lanes == 8)
		return processor_features() & (lanes == 16 ? PROCESSOR_AVX512 : PROCESSOR_AVX2);
#elif defined(HAVE_NEON_KERNELS)
	if (lanes == 8)
		return true;
#endif
	return lanes == 1;
}

size_t md5_lanes(void)
{
	return machine_has(16) ? 16 : machine_has(8) ? 8 : 1;
}

bool md5_many_with(size_t lanes, struct md5_job *jobs, size_t count)
{
	if (!machine_has(lanes))
		return false;
#ifdef HAVE_X86_KERNELS
	if (lanes == 16) {
		many_in_lanes(md5_kernel_avx512, 16, jobs, count);
		return true;
	}
	if (lanes == 8) {
		many_in_lanes(md5_kernel_avx2, 8, jobs, count);
		return true;
	}
#elif defined(HAVE_NEON_KERNELS)
	if (lanes == 8) {
		many_in_lanes(md5_kernel_neon, 8, jobs, count);
		return true;
	}
#endif
	many_alone(jobs, count);
	return true;
}

void md5_many(struct md5_job *jobs, size_t count)
{
	(void)md5_many_with(md5_lanes(), jobs, count); /* always true for md5_lanes() */
}
