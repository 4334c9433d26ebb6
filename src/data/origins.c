/* Keeps opened repositories, by everything that distinguishes them. */
#include "data/origins.h"

#include "base/alloc.h"
#include "base/map.h"
#include "data/external_int.h"
#include "data/data.h"
#include "text/json.h"

struct origins {
	struct map by_key;          /* -> struct external; several keys may lead to the same one */
	struct map heads;           /* -> struct scm_id: answers of origins_head() */
	VEC(struct external *) all; /* each once, for the release */
};

static void close_origins(struct repo *repo)
{
	struct origins *o = repo->origins;
	if (!o)
		return;
	VEC_EACH (&o->all, e)
		external_free(*e);
	vec_release(&o->all);
	for (struct map_entry *e = map_next(&o->heads, NULL); e; e = map_next(&o->heads, e))
		free(e->value);
	map_release(&o->heads);
	map_release(&o->by_key);
	free(o);
	repo->origins = NULL;
}

static struct origins *origins_of(struct repo *repo)
{
	if (!repo->origins) {
		repo->origins = NEW(struct origins);
		repo->close_origins = close_origins;
	}
	return repo->origins;
}

/* The key of an origin. The stage's directory is part of it, as the URL may be a relative path.
 * Heap string. */
static char *key_of(const struct stage *s, const char *rev)
{
	static const char *const parts[] = {"url", "config", "remote"};
	const struct value *repo = s->deps.items[0].repo;
	struct buf key = BUF_INIT;
	buf_addf(&key, "%s\n%s\n", s->wdir, rev ? rev : "");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct value *v = value_get(repo, parts[i]);
		if (v)
			(void)json_write(&key, v, NULL, NULL);
		buf_addc(&key, '\n');
	}
	return buf_detach(&key);
}

int origins_get(struct repo *repo, const struct stage *s, bool locked, struct external **out,
	struct err *err)
{
	const struct value *entry = s->deps.items[0].repo;
	struct origins *o = origins_of(repo);
	struct external_opts opts;
	struct scm_id commit;
	struct data *d;

	external_opts_of_dep(entry, locked, &opts);
	AUTO(mem_freep) char *key = key_of(s, opts.rev);
	*out = map_get(&o->by_key, key);
	if (*out)
		return 0;

	int r = repo_data(repo, &d, err);
	if (r < 0)
		return r;

	opts.ctx = repo->ctx;
	opts.cache = &d->cache;
	opts.base = s->wdir;
	r = external_open(out, value_get_str(entry, "url"), &opts, err);
	if (r < 0)
		return r;

	*vec_push(&o->all) = *out;
	map_set(&o->by_key, key, *out);

	/* Also under the key of its commit, for imports that record that commit. This does not hold
	 * for a work tree, which may differ from HEAD. */
	if ((*out)->at_rev && external_rev(*out, &commit, NULL) >= 0) {
		AUTO(mem_freep) char *by_commit = key_of(s, commit.hex);
		map_set(&o->by_key, by_commit, *out);
	}

	return 0;
}

/* Find the commit as cheaply as possible: it may be the revision itself, or git ls-remote tells. */
static int ask(struct repo *repo, const struct stage *s, const char *rev, struct scm_id *out,
	struct err *err)
{
	const char *url = value_get_str(s->deps.items[0].repo, "url");
	struct external *e;
	if (rev && scm_is_full_id(rev)) {
		memcpy(out->hex, rev, sizeof(out->hex));
		return 0;
	}
	if (external_is_far(url, s->wdir) && clone_ask(url, rev, out) > 0)
		return 0;
	int r = origins_get(repo, s, false, &e, err);
	return r < 0 ? r : external_rev(e, out, err);
}

int origins_head(struct repo *repo, const struct stage *s, struct scm_id *out, struct err *err)
{
	const char *rev = value_get_str(s->deps.items[0].repo, "rev");
	struct origins *o = origins_of(repo);
	AUTO(mem_freep) char *key = key_of(s, rev);
	const struct scm_id *known = map_get(&o->heads, key);
	if (known) {
		*out = *known;
		return 0;
	}
	int r = ask(repo, s, rev, out, err);
	if (r >= 0)
		map_set(&o->heads, key, mem_dup(out, sizeof(*out)));
	return r;
}
