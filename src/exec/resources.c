/* Finds the totals of the machine, reads the amounts of stages, and keeps account of both. */
#include "exec/resources.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/str.h"
#include "text/amount.h"

/* Indexes of the first slots. TIME is none: the machine has as much of it as a stage wants. */
enum { CPU, MEM, GPU, OTHER, TIME };

struct slot {
	char *name;
	double total, used;
};

struct device {
	char *id; /* as in CUDA_VISIBLE_DEVICES: a number or a name */
	bool used;
};

struct resources {
	VEC(struct slot) slots; /* CPU, MEM, GPU, then the user's own */
	VEC(struct device) devices;
};

/* ---- totals ---- */

/* Physical memory, or the limit of the control group (cgroup v2) if that is less. Containers see
 * their own group at this path. */
static double memory_bytes(void)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	double all = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
	if (file_read("/sys/fs/cgroup/memory.max", &text, NULL) < 0 ||
		str_starts(buf_str(&text), "max"))
		return all;
	double limit = strtod(buf_str(&text), NULL);
	return limit > 0 && limit < all ? limit : all;
}

static void add_device(struct resources *r, const char *id)
{
	vec_push(&r->devices)->id = mem_strdup(id);
}

/* A container may have the device without the driver's directory in /proc. */
static bool is_device_file(size_t number)
{
	AUTO(mem_freep) char *path = mem_printf("/dev/nvidia%zu", number);
	return file_exists(path);
}

static void find_devices(struct resources *r)
{
	const char *visible = getenv("CUDA_VISIBLE_DEVICES");
	if (visible) {
		AUTO(strlist_release) struct strlist ids = STRLIST_INIT;
		strlist_split(&ids, visible, ',');
		for (size_t i = 0; i < ids.count; i++) {
			AUTO(mem_freep) char *id = str_strip(ids.items[i]);
			/* CUDA ignores the rest of the list after the first invalid id */
			if (!*id || *id == '-')
				break;
			add_device(r, id);
		}
		return;
	}

	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	(void)file_list("/proc/driver/nvidia/gpus", &names, NULL); /* missing: no driver */
	for (size_t i = 0; i < names.count || is_device_file(i); i++) {
		AUTO(mem_freep) char *id = mem_printf("%zu", i);
		add_device(r, id);
	}
}

/* The index of a resource. An unknown name becomes a new resource with one unit. */
static size_t slot_of(struct resources *r, const char *name)
{
	for (size_t i = 0; i < r->slots.count; i++)
		if (strcmp(r->slots.items[i].name, name) == 0)
			return i;
	*vec_push(&r->slots) = (struct slot){.name = mem_strdup(name), .total = 1};
	return r->slots.count - 1;
}

/* Parse the text of an amount. NaN if it is invalid. */
static double parse_amount(const char *text, bool is_memory)
{
	double n;
	return (is_memory ? amount_read_size(text, &n) : amount_read_number(text, &n)) ? n : NAN;
}

/* What rules hold for the amount of a resource of this name. */
static size_t known_slot(const char *name)
{
	return strcmp(name, "cpu") == 0    ? CPU
	       : strcmp(name, "mem") == 0  ? MEM
	       : strcmp(name, "gpu") == 0  ? GPU
	       : strcmp(name, "time") == 0 ? TIME
					   : OTHER;
}

static int set_total(struct resources *r, const char *given, struct err *err)
{
	const char *equals = strchr(given, '=');
	AUTO(mem_freep) char *name = equals ? mem_strndup(given, (size_t)(equals - given)) : NULL;
	double total = equals ? parse_amount(equals + 1, strcmp(name, "mem") == 0) : NAN;
	if (!name || !*name || isnan(total) || total < 0)
		return err_set(err, ERR_USAGE,
			"--resource takes NAME=NUMBER, such as 'license=2' or 'mem=8GB', not '%s'",
			given);
	if (known_slot(name) == TIME)
		return err_set(
			err, ERR_USAGE, "--resource takes no 'time': a machine has no limit of it");
	size_t slot = slot_of(r, name);
	r->slots.items[slot].total = total;
	/* more GPUs than were found: their ids are the next numbers */
	for (size_t i = r->devices.count; slot == GPU && (double)i < total; i++) {
		AUTO(mem_freep) char *id = mem_printf("%zu", i);
		add_device(r, id);
	}
	return 0;
}

int resources_open(const struct strlist *given, struct resources **out, struct err *err)
{
	struct resources *r = NEW(struct resources);
	int result = 0;
	find_devices(r);
	*vec_push(&r->slots) = (struct slot){mem_strdup("cpu"), pool_processors(), 0};
	*vec_push(&r->slots) = (struct slot){mem_strdup("mem"), memory_bytes(), 0};
	*vec_push(&r->slots) = (struct slot){mem_strdup("gpu"), (double)r->devices.count, 0};
	for (size_t i = 0; given && i < given->count && result == 0; i++)
		result = set_total(r, given->items[i], err);
	if (result < 0)
		resources_free(r);
	else
		*out = r;
	return result;
}

void resources_free(struct resources *r)
{
	if (!r)
		return;
	VEC_EACH (&r->slots, s)
		free(s->name);
	VEC_EACH (&r->devices, d)
		free(d->id);
	vec_release(&r->slots);
	vec_release(&r->devices);
	free(r);
}

/* ---- claims of stages ---- */

void claim_release(struct claim *c)
{
	vec_release(&c->parts);
	strlist_release(&c->gpus);
	*c = (struct claim){0};
}

/* Seconds, or a duration such as "2h". NaN for anything else, and for no time at all. */
static double time_of(const struct value *v)
{
	const char *text = value_str(v);
	int64_t seconds;
	if (text && amount_read_duration(text, &seconds))
		return (double)seconds;
	double n = value_is_number(v) && !value_is(v, VALUE_BOOL) ? value_number(v) : NAN;
	return n > 0 && isfinite(n) ? ceil(n) : NAN;
}

/* NaN for anything but a number that is not negative; GPUs are whole. */
static double amount_of(const struct value *v, size_t slot)
{
	if (slot == TIME)
		return time_of(v);

	const char *text = value_str(v);
	double n = text                      ? parse_amount(text, slot == MEM)
		   : value_is(v, VALUE_BOOL) ? NAN
		   : value_is_number(v)      ? value_number(v)
					     : NAN;
	return n >= 0 && (slot != GPU || n == floor(n)) ? n : NAN;
}

void resource_needs_release(struct resource_needs *needs)
{
	VEC_EACH (needs, n)
		free(n->name);
	vec_release(needs);
}

/* Add to the amount that is there with `sum`, else keep the larger one. */
static void need_add(struct resource_needs *needs, const char *name, double amount, bool sum)
{
	VEC_EACH (needs, n) {
		if (strcmp(n->name, name) != 0)
			continue;
		n->amount = sum ? n->amount + amount : MAX(n->amount, amount);
		return;
	}
	*vec_push(needs) = (struct resource_need){mem_strdup(name), amount};
}

int resource_needs_add(
	struct resource_needs *needs, const struct stage *s, bool together, struct err *err)
{
	const struct value *wanted = value_get(s->meta, "resources");
	if (!wanted || value_is(wanted, VALUE_NULL))
		return 0;
	if (!value_is(wanted, VALUE_MAP))
		return err_set(err, ERR_PARSE,
			"meta.resources of stage '%s' in '%s' is to be a map, such as {cpu: 2, mem: 4GB}",
			s->name, s->file);

	for (size_t i = 0; i < wanted->list.count; i++) {
		const struct value_item *it = &wanted->list.items[i];
		size_t slot = known_slot(it->key);
		double n = amount_of(it->value, slot);
		if (isnan(n))
			return err_set(err, ERR_PARSE,
				"meta.resources.%s of stage '%s' in '%s' is to be %s", it->key,
				s->name, s->file,
				slot == GPU   ? "a whole number"
				: slot == MEM ? "a number of bytes, or one with a unit such as 4GB"
				: slot == TIME
					? "a number of seconds, or a time such as 90s, 30m or 2h"
					: "a number");
		need_add(needs, it->key, n, slot == TIME ? !together : together);
	}
	return 0;
}

bool resource_time_is_known(const struct stage *s)
{
	return value_get(value_get(s->meta, "resources"), "time") != NULL;
}

void resource_needs_remove(struct resource_needs *needs, const char *name)
{
	size_t kept = 0;
	for (size_t i = 0; i < needs->count; i++)
		if (strcmp(needs->items[i].name, name) == 0)
			free(needs->items[i].name);
		else
			needs->items[kept++] = needs->items[i];
	needs->count = kept;
}

void resource_needs_format(const struct resource_needs *needs, struct strlist *out)
{
	VEC_EACH (needs, n) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		buf_addf(&text, "%s=", n->name);
		str_add_float(&text, n->amount);
		strlist_add(out, buf_str(&text));
	}
}

void resource_needs_parse(const struct strlist *texts, struct resource_needs *out)
{
	for (size_t i = 0; i < texts->count; i++) {
		const char *equals = strrchr(texts->items[i], '=');
		double amount = equals ? parse_amount(equals + 1, false) : NAN;
		if (isnan(amount) || amount < 0)
			continue;
		AUTO(mem_freep)
		char *name = mem_strndup(texts->items[i], (size_t)(equals - texts->items[i]));
		need_add(out, name, amount, false);
	}
}

void claim_fill(struct resources *r, const struct resource_needs *needs, struct claim *out,
	const char **out_over)
{
	VEC_EACH (needs, need) {
		if (known_slot(need->name) == TIME)
			continue;

		size_t slot = slot_of(r, need->name);
		struct slot *of = &r->slots.items[slot];
		double n = need->amount;
		if (n > of->total) {
			/* The machine has none of it (no GPU, say). Count one, so that jobs that
			 * need it run one after another. */
			if (of->total <= 0)
				of->total = 1;
			n = of->total;
			if (out_over)
				*out_over = of->name;
		}
		*vec_push(&out->parts) = (struct claim_part){slot, n};
	}
}

int claim_read(struct resources *r, const struct stage *s, struct claim *out, const char **out_over,
	struct err *err)
{
	AUTO(resource_needs_release) struct resource_needs needs = {0};
	int result = resource_needs_add(&needs, s, false, err);
	if (result == 0)
		claim_fill(r, &needs, out, out_over);
	return result;
}

void claim_take_elsewhere(struct resources *r, struct claim *c, const char *gpus)
{
	VEC_EACH (&c->parts, p)
		r->slots.items[p->slot].used += p->amount;
	if (gpus)
		strlist_split(&c->gpus, gpus, ',');
	VEC_EACH (&r->devices, d)
		d->used = d->used || strlist_has(&c->gpus, d->id);
	c->taken = true;
}

bool claim_take(struct resources *r, struct claim *c)
{
	enum { ROUNDING = 1000000 }; /* tolerance: ten times 0.1 must fit into 1 */
	VEC_EACH (&c->parts, p) {
		const struct slot *s = &r->slots.items[p->slot];
		if (s->used + p->amount > s->total + 1.0 / ROUNDING)
			return false;
	}

	VEC_EACH (&c->parts, p) {
		r->slots.items[p->slot].used += p->amount;
		if (p->slot != GPU)
			continue;
		VEC_EACH (&r->devices, d)
			if (!d->used && (double)c->gpus.count < p->amount) {
				d->used = true;
				strlist_add(&c->gpus, d->id);
			}
	}

	c->taken = true;
	return true;
}

void claim_give_back(struct resources *r, struct claim *c)
{
	if (!c->taken)
		return;
	VEC_EACH (&c->parts, p)
		r->slots.items[p->slot].used -= p->amount;
	VEC_EACH (&r->devices, d)
		if (strlist_has(&c->gpus, d->id))
			d->used = false;
	strlist_clear(&c->gpus);
	c->taken = false;
}

void claim_environment(const struct resources *r, const struct claim *c, struct strlist *env)
{
	bool asked = false;
	VEC_EACH (&c->parts, p)
		asked |= p->slot == GPU;
	if (!asked || !r->devices.count)
		return;
	AUTO(mem_freep) char *ids = strlist_join(&c->gpus, ",");
	strlist_addf(env, "CUDA_VISIBLE_DEVICES=%s", ids);
}
