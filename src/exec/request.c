/* Turns what a stage needs into what a scheduler is asked for. */
#include "exec/request.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/proc.h"
#include "base/str.h"
#include "exec/template.h"

enum { MOST = 1000000 }; /* processors and devices */

static void named_release(struct request_named *n)
{
	free(n->name);
	strlist_release(&n->words);
}

void request_release(struct request *r)
{
	VEC_EACH (&r->named, n)
		named_release(n);
	vec_release(&r->named);
	*r = (struct request){0};
}

static double amount_of(const struct resource_needs *needs, const char *name, double fallback)
{
	for (size_t i = 0; needs && i < needs->count; i++)
		if (strcmp(needs->items[i].name, name) == 0)
			return needs->items[i].amount;
	return fallback;
}

static int too_much(const char *who, const char *name, struct err *err)
{
	return err_set(err, ERR_VALUE, "'%s' asks for more '%s' than any machine has", who, name);
}

/* A whole number of processors or devices, rounded up. */
static int whole(const struct resource_needs *needs, const char *name, double fallback,
	const char *who, int *out, struct err *err)
{
	double n = ceil(amount_of(needs, name, fallback));
	if (!(n <= MOST)) /* NaN, too */
		return too_much(who, name, err);
	*out = (int)n;
	return 0;
}

/* Bytes or seconds. */
static int large(const struct resource_needs *needs, const char *name, int64_t fallback,
	double most, const char *who, int64_t *out, struct err *err)
{
	double n = ceil(amount_of(needs, name, (double)fallback));
	if (!(n <= most))
		return too_much(who, name, err);
	*out = (int64_t)n;
	return 0;
}

static const struct profile_map *find_map(const struct profile *p, const char *name)
{
	VEC_EACH (&p->maps, m)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

static bool is_known(const char *name)
{
	return strcmp(name, "cpu") == 0 || strcmp(name, "mem") == 0 || strcmp(name, "gpu") == 0 ||
	       strcmp(name, "time") == 0;
}

/* An amount of a named resource: whole where it is, as people write it. */
static void add_amount(struct buf *out, double amount)
{
	if (amount == floor(amount))
		buf_addf(out, "%.0f", amount);
	else
		str_add_float(out, amount);
}

static int add_named(const struct profile *p, const struct resource_need *need, const char *who,
	struct request *out, struct err *err)
{
	static const double most = 1e15;
	const struct profile_map *map = find_map(p, need->name);
	if (!map)
		return err_set(err, ERR_VALUE,
			"'%s' asks for '%s', which executor '%s' cannot request: add `map.%s = ...` to its "
			"section, an option with {n} for the amount",
			who, need->name, p->name, need->name);
	if (!(need->amount <= most))
		return too_much(who, need->name, err);

	AUTO(buf_release) struct buf amount = BUF_INIT;
	AUTO(buf_release) struct buf line = BUF_INIT;
	add_amount(&amount, need->amount);
	const struct template_word words[] = {{"n", buf_str(&amount)}, {NULL, NULL}};
	template_fill(&line, map->option, words);
	struct request_named *n = vec_push(&out->named);
	n->name = mem_strdup(need->name);
	n->amount = need->amount;
	/* the profile was checked for quotes in pairs, and the amount has none */
	(void)proc_split(buf_str(&line), &n->words);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct request_named *x = a, *y = b;
	return strcmp(x->name, y->name);
}

int request_make(const struct profile *p, const struct resource_needs *needs, const char *who,
	struct request *out, struct err *err)
{
	static const double most_bytes = 1e18, most_seconds = 1e9;
	AUTO(request_release) struct request fresh = {0};
	int r = whole(needs, "cpu", p->cpu, who, &fresh.cpus, err);
	if (r == 0)
		r = whole(needs, "gpu", p->gpu, who, &fresh.gpus, err);
	if (r == 0)
		r = large(needs, "mem", p->mem_bytes, most_bytes, who, &fresh.mem_bytes, err);
	if (r == 0)
		r = large(needs, "time", p->time_s, most_seconds, who, &fresh.time_s, err);

	for (size_t i = 0; needs && i < needs->count && r == 0; i++)
		if (!is_known(needs->items[i].name) && needs->items[i].amount > 0)
			r = add_named(p, &needs->items[i], who, &fresh, err);
	if (r < 0)
		return r;

	vec_sort(&fresh.named, by_name);
	*out = TAKE(fresh);
	return 0;
}

bool request_equal(const struct request *a, const struct request *b)
{
	if (a->cpus != b->cpus || a->gpus != b->gpus || a->mem_bytes != b->mem_bytes ||
		a->time_s != b->time_s || a->named.count != b->named.count)
		return false;
	for (size_t i = 0; i < a->named.count; i++)
		if (strcmp(a->named.items[i].name, b->named.items[i].name) != 0 ||
			a->named.items[i].amount != b->named.items[i].amount)
			return false;
	return true;
}

/* Keep the larger amount of a named resource. */
static void join_named(struct request *into, const struct request_named *other)
{
	struct request_named *mine = NULL;
	VEC_EACH (&into->named, n)
		if (strcmp(n->name, other->name) == 0)
			mine = n;
	if (mine && mine->amount >= other->amount)
		return;

	if (mine)
		named_release(mine);
	else
		mine = vec_push(&into->named);
	*mine = (struct request_named){.name = mem_strdup(other->name), .amount = other->amount};
	for (size_t i = 0; i < other->words.count; i++)
		strlist_add(&mine->words, other->words.items[i]);
}

void request_join(struct request *into, const struct request *other)
{
	into->cpus = MAX(into->cpus, other->cpus);
	into->gpus = MAX(into->gpus, other->gpus);
	into->mem_bytes = MAX(into->mem_bytes, other->mem_bytes);
	into->time_s = into->time_s && other->time_s ? into->time_s + other->time_s : 0;
	VEC_EACH (&other->named, n)
		join_named(into, n);
	vec_sort(&into->named, by_name);
}

void request_copy(struct request *out, const struct request *r)
{
	*out = (struct request){0};
	request_join(out, r);
	out->time_s = r->time_s;
}
