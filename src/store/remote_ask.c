/*
 * Which objects does a remote have? Either each is asked for by name, or the remote is listed,
 * whichever takes fewer requests by an estimate: objects are spread evenly over the first digits of
 * their names, so a listing of one small part tells the size of the whole.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "store/remote_int.h"

enum {
	FEW = 16,         /* objects that are asked for by name without any estimate */
	FLAT_PAGE = 1000, /* entries in a page of an object store */
	DIR_PAGE = 100,   /* in an answer to READDIR; a guess that is good enough */
	MOST_PREFIXES = 256,
};

/* ---- by name */

static int ask_each(struct remote *r, const struct oid_list *wanted, struct oid_list *out_missing,
	struct err *err)
{
	AUTO(remote_paths_free) char **paths = remote_object_paths(wanted);
	AUTO(mem_freep) bool *there = mem_zalloc(wanted->count + 1);
	const struct transfer_opts opts = remote_transfer_opts(r, 0);

	int code = transfer_stat_all(
		r->fs, (const char *const *)paths, NULL, wanted->count, &opts, there, NULL, err);
	for (size_t i = 0; i < wanted->count && code >= 0; i++) {
		if (!there[i])
			oid_list_add(out_missing, &wanted->items[i]);
	}
	return code;
}

/* ---- by listing */

struct found {
	enum hash_name hash;
	struct oid_list objects;
};

static int add_found(void *arg, const struct fs_entry *entry, struct err *err)
{
	struct found *f = arg;
	struct oid o;
	(void)err;
	if (remote_parse_path(entry->path, f->hash, &o))
		oid_list_add(&f->objects, &o);
	return 0;
}

/* The directory of the objects that begin with this byte. Heap string. */
static char *fan_path(enum hash_name hash, unsigned first)
{
	return mem_printf("%s%02x", hash == HASH_MD5 ? "files/md5/" : "", first);
}

/* Prefixes of all objects that begin with the first bytes of the wanted ones. */
static char **fans_of(const struct oid_list *wanted, enum hash_name hash, size_t *out_count)
{
	bool used[MOST_PREFIXES] = {0};
	char **paths = mem_zalloc((MOST_PREFIXES + 1) * sizeof(*paths));
	*out_count = 0;
	for (size_t i = 0; i < wanted->count; i++)
		used[wanted->items[i].digest[0]] = true;
	for (unsigned i = 0; i < MOST_PREFIXES; i++) {
		if (used[i])
			paths[(*out_count)++] = fan_path(hash, i);
	}
	return paths;
}

static int list_objects(struct remote *r, char *const *prefixes, size_t count, enum hash_name hash,
	struct oid_list *out, struct err *err)
{
	struct found found = {.hash = hash};
	const struct transfer_opts opts = remote_transfer_opts(r, 0);
	int code = transfer_list(
		r->fs, (const char *const *)prefixes, count, &opts, add_found, &found, err);
	oid_list_sort(&found.objects);
	*out = TAKE(found.objects);
	return code;
}

/* About how many objects of a hash does the remote hold? One request. */
static int estimate(
	struct remote *r, enum hash_name hash, unsigned first, size_t *out_count, struct err *err)
{
	AUTO(oid_list_release) struct oid_list some = {0};
	bool flat = fs_can(r->fs, FS_LIST_FLAT);
	AUTO(mem_freep) char *fan = fan_path(hash, first);
	/* one object in 4096 with three digits, one in 256 with two */
	AUTO(mem_freep) char *prefix = flat ? mem_printf("%s/0", fan) : mem_strdup(fan);
	int code = list_objects(r, &prefix, 1, hash, &some, err);
	*out_count = some.count * (flat ? 4096 : 256);
	return code;
}

/* Would listing take fewer requests than asking for each of `count` objects? Sets the prefixes to
 * be listed. */
static int plan_listing(struct remote *r, const struct oid_list *wanted, enum hash_name hash,
	char ***out_prefixes, size_t *out_count, struct err *err)
{
	bool flat = fs_can(r->fs, FS_LIST_FLAT);
	size_t objects, prefixes;
	int code = estimate(r, hash, wanted->items[0].digest[0], &objects, err);
	if (code < 0)
		return code;

	*out_prefixes = fans_of(wanted, hash, &prefixes);
	/* a small store fits into few pages: one listing of all of it */
	if (flat && objects / FLAT_PAGE < prefixes / 16) {
		for (size_t i = 0; i < prefixes; i++)
			mem_freep(&(*out_prefixes)[i]);
		(*out_prefixes)[0] = mem_strdup(hash == HASH_MD5 ? "files/md5/" : "");
		(*out_prefixes)[1] = NULL;
		prefixes = 1;
	}
	size_t requests = prefixes + objects / (size_t)(flat ? FLAT_PAGE : DIR_PAGE);
	*out_count = requests < wanted->count ? prefixes : 0;
	return 0;
}

/* Objects of one hash. */
static int ask_one_hash(struct remote *r, const struct oid_list *wanted,
	struct oid_list *out_missing, struct err *err)
{
	enum hash_name hash = wanted->items[0].hash;
	AUTO(remote_paths_free) char **prefixes = NULL;
	AUTO(oid_list_release) struct oid_list found = {0};
	size_t count = 0;
	int code = 0;

	/* objects of DVC 2.x lie beside everything else in the root, so a listing of that is no
	 * help */
	if (wanted->count > FEW && hash == HASH_MD5 && !fs_can(r->fs, FS_NO_LIST))
		code = plan_listing(r, wanted, hash, &prefixes, &count, err);
	if (code < 0)
		return code;
	if (!count)
		return ask_each(r, wanted, out_missing, err);

	code = list_objects(r, prefixes, count, hash, &found, err);
	for (size_t i = 0; i < wanted->count && code >= 0; i++) {
		if (!oid_list_has(&found, &wanted->items[i]))
			oid_list_add(out_missing, &wanted->items[i]);
	}
	return code;
}

int remote_ask(struct remote *r, const struct oid_list *wanted, struct oid_list *out_missing,
	struct err *err)
{
	static const enum hash_name hashes[] = {HASH_MD5, HASH_MD5_DOS2UNIX};
	int code = 0;
	for (size_t h = 0; h < ARRAY_SIZE(hashes) && code >= 0; h++) {
		AUTO(oid_list_release) struct oid_list some = {0};
		for (size_t i = 0; i < wanted->count; i++) {
			if (wanted->items[i].hash == hashes[h])
				oid_list_add(&some, &wanted->items[i]);
		}
		if (some.count)
			code = ask_one_hash(r, &some, out_missing, err);
	}
	oid_list_sort(out_missing);
	return code;
}

/* ---- with what is remembered */

/* Add some of the listings that are remembered, spread over all of them. */
static void add_some_listings(const struct oid_list *known, struct oid_list *out)
{
	enum { MOST = 64 };
	size_t listings = 0, at = 0;
	for (size_t i = 0; i < known->count; i++)
		listings += known->items[i].is_dir;
	for (size_t i = 0; i < known->count; i++) {
		if (known->items[i].is_dir && at++ % (listings / MOST + 1) == 0)
			oid_list_add(out, &known->items[i]);
	}
}

/*
 * What is asked for although it is remembered. When one of these is gone, others have removed
 * objects, and nothing that is remembered counts. `held` are those of the objects in question that
 * are remembered. A listing stands for its files, so it is asked for, and so is what was named
 * alone (`named`, sorted; or NULL). Other listings tell whether files that are shared with them may
 * have gone with them.
 */
static void choose_witnesses(const struct oid_list *known, const struct oid_list *held,
	const struct oid_list *named, struct oid_list *out)
{
	if (held->count)
		add_some_listings(known, out);
	for (size_t i = 0; i < held->count; i++) {
		const struct oid *o = &held->items[i];
		if (o->is_dir || (named && oid_list_has(named, o)))
			oid_list_add(out, o);
	}
	if (!out->count && held->count)
		oid_list_add(out, &held->items[0]);
	oid_list_sort(out);
}

/* Split `wanted` into what is remembered and what is not. Forgets everything when one of a few that
 * are asked for is not there. */
static int use_memory(struct remote *r, const struct oid_list *wanted, const struct oid_list *named,
	struct oid_list *out_rest, struct err *err)
{
	AUTO(oid_list_release) struct oid_list known = {0}, held = {0}, some = {0}, gone = {0};
	remote_known_load(r, &known);
	for (size_t i = 0; i < wanted->count; i++)
		oid_list_add(oid_list_has(&known, &wanted->items[i]) ? &held : out_rest,
			&wanted->items[i]);
	if (r->look == LOOK_NOTHING)
		return 0;

	choose_witnesses(&known, &held, named, &some);
	int code = some.count ? remote_ask(r, &some, &gone, err) : 0;
	if (code < 0 || !gone.count)
		return code;
	known.count = 0;
	remote_known_save(r, &known);
	for (size_t i = 0; i < held.count; i++)
		oid_list_add(out_rest, &held.items[i]);
	oid_list_sort(out_rest);
	return 0;
}

/* Ask for all of these, and remember the answers. */
static int ask_and_note(struct remote *r, const struct oid_list *wanted,
	struct oid_list *out_missing, struct err *err)
{
	AUTO(oid_list_release) struct oid_list missing = {0}, seen = {0};
	int code = wanted->count ? remote_ask(r, wanted, &missing, err) : 0;
	if (code < 0)
		return code;
	for (size_t i = 0; i < wanted->count; i++)
		oid_list_add(oid_list_has(&missing, &wanted->items[i]) ? out_missing : &seen,
			&wanted->items[i]);
	remote_known_add(r, &seen);
	remote_known_drop(r, &missing);
	return 0;
}

int remote_missing_named(struct remote *r, const struct oid_list *wanted,
	const struct oid_list *named, struct oid_list *out_missing, struct err *err)
{
	AUTO(oid_list_release) struct oid_list rest = {0};
	if (r->local)
		return cache_absent(r->local, wanted, out_missing, err);
	if (r->look == LOOK_ALL)
		return ask_and_note(r, wanted, out_missing, err);

	int code = use_memory(r, wanted, named, &rest, err);
	if (code < 0)
		return code;
	if (r->look == LOOK_NEW)
		return ask_and_note(r, &rest, out_missing, err);
	for (size_t i = 0; i < rest.count; i++)
		oid_list_add(out_missing, &rest.items[i]);
	return 0;
}

int remote_missing(struct remote *r, const struct oid_list *wanted, struct oid_list *out_missing,
	struct err *err)
{
	return remote_missing_named(r, wanted, NULL, out_missing, err);
}
