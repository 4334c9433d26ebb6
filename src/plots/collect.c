/* Collects the plots of all revisions. Part of plots.h. */
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/meter.h"
#include "plots/definitions.h"
#include "plots/live.h"
#include "plots/plots.h"
#include "plots/series.h"
#include "plots/source.h"
#include "project/source_git.h"

/* What one revision defines. */
struct revision {
	const char *name;
	struct plot_defs defs;
	struct plot_sources sources;
};

struct collector {
	struct plots *plots;
	struct repo *repo;
	const struct plots_opts *opts;
	struct plot_matcher *matcher;
	struct scm *scm; /* NULL until a commit is read */
	VEC(struct revision) revisions;
	struct map images; /* id of an image -> place in plots->items, plus one */
};

static void release_plot(struct plot *it)
{
	strlist_release(&it->revs);
	vec_release(&it->ys);
	vec_release(&it->series);
	vec_release(&it->images);
	vec_release(&it->source_errors);
	vec_release(&it->errors);
}

void plots_drop_plain(struct plots *p)
{
	AUTO(map_release) struct map defined = MAP_INIT; /* files that a definition draws */
	size_t kept = 0;
	VEC_EACH (&p->items, it) {
		const char *path = strstr(it->id, "::");
		if (path)
			(void)map_set(&defined, path + 2, it);
	}
	for (size_t i = 0; i < p->items.count; i++) {
		struct plot it = p->items.items[i];
		if (map_has(&defined, it.id))
			release_plot(&it);
		else
			p->items.items[kept++] = it;
	}
	p->items.count = kept;
}

void plots_release(struct plots *p)
{
	VEC_EACH (&p->items, it)
		release_plot(it);
	vec_release(&p->items);
	vec_release(&p->rev_errors);
	VEC_EACH (&p->facts, f) {
		vec_release(&f->metrics.files);
		vec_release(&f->params.files);
	}
	vec_release(&p->facts);
	strlist_release(&p->revs);
	strlist_release(&p->failed);
	strlist_release(&p->warnings);
	for (struct map_entry *e = map_next(&p->sources, NULL); e; e = map_next(&p->sources, e))
		plot_source_free(e->value);
	map_release(&p->sources);
	exp_table_release(&p->table);
	arena_release(&p->arena);
}

/* ---- Reading the files of one revision ---- */

static void warn_of_long_row(struct collector *c, const char *path, const struct plot_table *t)
{
	if (t->long_row)
		strlist_addf(&c->plots->warnings,
			"'%s', row %zu: it has %zu cells, but the first row has %zu; the others are "
			"left out",
			path, t->long_row, t->long_row_cells, t->names.count);
}

/* Read a file, or take it from the revision that had it with the same content. */
static struct plot_source *read_source(
	struct collector *c, struct reader *r, const char *path, bool has_header)
{
	AUTO(buf_release) struct buf key = BUF_INIT;
	AUTO(mem_freep) char *rel = plot_source_path(c->repo, path);
	buf_addf(&key, "%d%s\n", has_header, path);
	/* a file that is not there is not remembered */
	bool known = reading_stamp(r, rel, &key);
	struct plot_source *s = known ? map_get(&c->plots->sources, buf_str(&key)) : NULL;
	if (s)
		return s;

	s = plot_source_read(r, path, has_header, &c->plots->arena);
	if (!known) /* only to own it */
		buf_addf(&key, "%p", (void *)s);
	(void)map_set(&c->plots->sources, buf_str(&key), s);
	warn_of_long_row(c, path, &s->table);
	return s;
}

/* The `header` of a file is that of the stage's plot, unless the user gives it. */
static bool has_header(const struct collector *c, const struct revision *rev, const char *path)
{
	const struct value *header = value_get(c->opts->properties, "header");
	VEC_EACH (&rev->defs, d)
		if (!header && !*d->config && strcmp(d->id, path) == 0)
			header = value_get(d->properties, "header");
	return !value_is(header, VALUE_BOOL) || header->boolean;
}

/* read_source(), with a line of progress, if the file of the work tree is big. */
static struct plot_source *read_shown(
	struct collector *c, struct reader *r, const struct revision *rev, const char *path)
{
	enum { BIG_BYTES = 64 << 20 };
	const struct ctx *ctx = c->repo->ctx;
	struct stat st;
	bool is_big = strcmp(rev->name, "workspace") == 0 && stat(path, &st) == 0 &&
		      st.st_size >= BIG_BYTES;
	if (is_big)
		meter_begin(ctx, METER_READ, "reading", 1, (uint64_t)st.st_size);
	struct plot_source *s = read_source(c, r, path, has_header(c, rev, path));
	if (is_big) {
		meter_files(ctx, METER_READ, 1);
		meter_bytes(ctx, METER_READ, (uint64_t)st.st_size);
		meter_end(ctx, METER_READ);
	}
	return s;
}

static void read_sources(struct collector *c, struct reader *r, struct revision *rev)
{
	VEC_EACH (&rev->defs, d) {
		AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
		plot_def_sources(d->id, d->properties, &paths);
		for (size_t i = 0; i < paths.count; i++) {
			const char *path = paths.items[i];
			if (map_has(&rev->sources.by_path, path))
				continue;
			struct plot_source *s = read_shown(c, r, rev, path);
			(void)map_set(&rev->sources.by_path, path, s);
			if (s->error.type)
				strlist_add_once(&c->plots->failed, rev->name);
		}
	}
}

/* ---- Revisions ---- */

static void add_rev_error(struct collector *c, const char *rev, struct reading_error why)
{
	*vec_push(&c->plots->rev_errors) = (struct plot_error){rev, NULL, why};
	strlist_add_once(&c->plots->failed, rev);
	c->plots->found = true;
}

/* The values outlive the index. */
static void keep_files(struct arena *a, struct readings *r, const char *rev)
{
	r->rev = rev;
	VEC_EACH (&r->files, f) {
		f->path = arena_strdup(a, f->path);
		f->data = f->data ? value_copy(a, f->data) : NULL;
	}
}

static void read_facts(struct collector *c, struct index *ix, const char *rev)
{
	struct arena *a = &c->plots->arena;
	struct readings_opts all = {0};
	struct plot_facts *f = vec_push(&c->plots->facts);
	metrics_read(ix, &all, a, &f->metrics);
	params_read(ix, &all, a, &f->params);
	keep_files(a, &f->metrics, rev);
	keep_files(a, &f->params, rev);
}

/* Read what one index defines. Failures are part of the result. */
static void read_index(struct collector *c, struct index *ix, const char *name)
{
	struct readings files = {0};
	AUTO(reader_release) struct reader r = {ix, &c->plots->arena, &files, NULL, NULL};
	AUTO(err_release) struct err err = ERR_INIT;
	struct plot_defs_opts opts = {c->opts->targets, c->matcher, c->opts->properties};
	struct revision *rev = vec_push(&c->revisions);

	rev->name = arena_strdup(&c->plots->arena, name);
	bool any = false;
	int ret = plot_defs_collect(&r, &opts, &rev->defs, &any, &err);
	c->plots->found |= any;
	if (ret < 0) {
		rev->defs.count = 0;
		add_rev_error(c, rev->name,
			(struct reading_error){ret == ERR_PARSE ? "error" : "ValueError",
				arena_strdup(&c->plots->arena, err.msg)});
	}
	read_sources(c, &r, rev);
	if (c->opts->facts)
		read_facts(c, ix, rev->name);
	vec_release(&files.files);
}

/* Read the index of a source other than the work tree's, or note why that is not possible. */
static void read_from(struct collector *c, const struct source *source, const char *name)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct index *ix = NULL;
	int r = source ? index_load(c->repo, source, &ix, &err) : repo_index(c->repo, &ix, &err);
	if (r < 0)
		add_rev_error(c, arena_strdup(&c->plots->arena, name),
			readings_error(&c->plots->arena, &err));
	else
		read_index(c, ix, name);
	if (source)
		index_free(ix);
}

/* A running experiment: its files as they are now. */
static void read_live(struct collector *c, const char *root, const char *name)
{
	const char *kept = arena_strdup(&c->plots->arena, root);
	struct source source = source_workspace(kept);
	read_from(c, strcmp(root, c->repo->root) == 0 ? NULL : &source, name);
}

static int read_revision(struct collector *c, const char *name, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	struct source_git source;
	struct scm_id id;
	if (!c->scm) {
		if (!c->repo->git_root)
			return err_kind(err, KIND_NO_GIT,
				err_set(err, ERR_FAIL,
					"Only supported for Git repositories. If you're seeing this error in a Git "
					"repo, try updating the DVC configuration with `dvc config core.no_scm false`."));
		int r = scm_open(&c->scm, c->repo->git_root, err);
		if (r < 0)
			return r;
	}
	if (scm_resolve(c->scm, name, &id, &why) < 0) {
		AUTO(mem_freep) char *root = plot_live_root(c->repo, name);
		if (!root)
			return err_move(err, &why);
		read_live(c, root, name);
		return 0;
	}
	source_git_init(&source, c->scm, &id, c->repo->root);
	read_from(c, &source.source, name);
	source_git_release(&source);
	return 0;
}

static int read_named(struct collector *c, struct err *err)
{
	for (size_t i = 0; i < c->plots->revs.count; i++) {
		const char *name = c->plots->revs.items[i];
		int r = 0;
		if (strcmp(name, "workspace") == 0)
			read_from(c, NULL, name);
		else
			r = read_revision(c, name, err);
		if (r < 0)
			return r;
		meter_files(c->repo->ctx, METER_REVISIONS, 1);
	}
	return 0;
}

static int read_revisions(struct collector *c, struct err *err)
{
	const struct strlist *revs = c->opts->revs;
	if (!revs || strlist_has(revs, "workspace"))
		strlist_add(&c->plots->revs, "workspace");
	for (size_t i = 0; revs && i < revs->count; i++)
		strlist_add_once(&c->plots->revs, revs->items[i]);

	meter_begin(c->repo->ctx, METER_REVISIONS, "reading", c->plots->revs.count, 0);
	int r = read_named(c, err);
	meter_end(c->repo->ctx, METER_REVISIONS);
	return r;
}

/* ---- From definitions to plots ---- */

/* The definition of one plot at one revision. */
struct member {
	const struct revision *rev;
	const struct plot_def *def;
};
VEC_TYPE(members, struct member);

/* The properties of all revisions; the first one that has a property decides. */
static struct value *merged_properties(struct arena *a, const struct members *group)
{
	struct value *out = value_map(a);
	VEC_EACH (group, m)
		for (size_t i = 0; i < value_count(m->def->properties); i++) {
			const struct value_item *it = &m->def->properties->list.items[i];
			if (!value_get(out, it->key))
				value_set(a, out, it->key, it->value);
		}
	return out;
}

static void note_source_errors(
	struct arena *a, struct plot *p, const struct member *m, const struct strlist *files)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct plot_source *s = map_get(&m->rev->sources.by_path, files->items[i]);
		if (s && s->error.type)
			*vec_push(&p->source_errors) = (struct plot_error){
				m->rev->name, arena_strdup(a, files->items[i]), s->error};
	}
}

static bool has_image(const struct plot *p, const char *rev, const char *path)
{
	VEC_EACH (&p->images, image)
		if (strcmp(image->rev, rev) == 0 && strcmp(image->path, path) == 0)
			return true;
	return false;
}

static void add_images(
	struct collector *c, struct plot *p, const struct member *m, const struct strlist *files)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct plot_source *s = map_get(&m->rev->sources.by_path, files->items[i]);
		if (!s || s->error.type || s->empty || has_image(p, m->rev->name, files->items[i]))
			continue;
		*vec_push(&p->images) = (struct plot_image){.rev = m->rev->name,
			.path = arena_strdup(&c->plots->arena, files->items[i]),
			.bytes = &s->bytes};
		strlist_add_once(&p->revs, m->rev->name);
	}
}

static void add_member(
	struct collector *c, struct plot *p, const struct member *m, const struct value *properties)
{
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	struct reading_error why = {0};
	plot_def_sources(m->def->id, m->def->properties, &files);
	note_source_errors(&c->plots->arena, p, m, &files);
	if (p->is_image)
		add_images(c, p, m, &files);
	else if (plot_add_series(p, m->rev->name, m->def->id, properties, &files, &m->rev->sources,
			 &c->plots->arena, &why) < 0)
		*vec_push(&p->errors) = (struct plot_error){m->rev->name, NULL, why};
}

static void add_plot(struct collector *c, const char *key, const struct members *group)
{
	struct value *properties = merged_properties(&c->plots->arena, group);
	const char *id = group->items[group->count - 1].def->id;
	bool is_image = plot_is_image(id);
	/* images are known by their path, whatever file defines them; a second definition adds to
	 * the first */
	uintptr_t known = is_image ? (uintptr_t)map_get(&c->images, id) : 0;
	struct plot *p = known ? &c->plots->items.items[known - 1] : NULL;
	if (!p) {
		p = vec_push(&c->plots->items);
		if (is_image)
			(void)map_set(&c->images, id, (void *)(uintptr_t)c->plots->items.count);
		p->is_image = is_image;
		p->id = arena_strdup(&c->plots->arena, is_image ? id : key);
		p->title = p->id;
		p->template = value_get_str(properties, "template");
	}
	VEC_EACH (group, m)
		add_member(c, p, m, properties);
}

/* Plots of one key are one plot; they are in the order in which the keys were first met. */
static void make_plots(struct collector *c)
{
	AUTO(map_release) struct map groups = MAP_INIT;
	VEC_EACH (&c->revisions, rev)
		VEC_EACH (&rev->defs, d) {
			struct members *group = map_get(&groups, d->key);
			if (!group) {
				group = NEW(struct members);
				(void)map_set(&groups, d->key, group);
			}
			*vec_push(group) = (struct member){rev, d};
		}
	for (struct map_entry *e = map_next(&groups, NULL); e; e = map_next(&groups, e)) {
		struct members *group = e->value;
		add_plot(c, e->key, group);
		vec_release(group);
		free(group);
	}
}

int plots_collect(
	struct plots *p, struct repo *repo, const struct plots_opts *opts, struct err *err)
{
	struct collector c = {.plots = p, .repo = repo, .opts = opts};
	c.matcher = plot_matcher_new(repo, opts->targets);
	int r = read_revisions(&c, err);
	if (r == 0)
		make_plots(&c);

	VEC_EACH (&c.revisions, rev) {
		vec_release(&rev->defs);
		map_release(&rev->sources.by_path);
	}
	vec_release(&c.revisions);
	map_release(&c.images);
	plot_matcher_free(c.matcher);
	scm_free(c.scm);
	return r;
}
