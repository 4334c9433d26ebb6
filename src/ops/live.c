/* Logging of a training: the directory of the files, what an earlier run has left there, and
 * writing. */
#include "ops/live.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "ops/live_int.h"
#include "text/edit.h"
#include "text/json.h"
#include "text/yaml.h"

static void metrics_free(struct live *l)
{
	VEC_EACH (&l->metrics, m) {
		free(m->name);
		buf_release(&m->last);
		buf_release(&m->rows);
	}
	vec_release(&l->metrics);
}

void live_free(struct live *l)
{
	if (!l)
		return;
	metrics_free(l);
	map_release(&l->by_name);
	arena_release(&l->params_arena);
	arena_release(&l->plots_arena);
	free(l->dir);
	free(l->dvc_yaml);
	free(l);
}

bool live_is_pending(const struct live *l)
{
	return l->is_pending;
}

bool live_is_full(const struct live *l)
{
	return l->pending_bytes >= LIVE_MOST_PENDING;
}

int64_t live_last_step(const struct live *l)
{
	return l->last_step;
}

static char *path_in(const struct live *l, const char *name)
{
	return path_join(l->dir, name);
}

/* ---- the files of an earlier run */

/* A directory that has more than a log: DVCLive would remove the params.yaml and the dvc.yaml of a
 * project whose own directory is given (`--dir .`). */
static int check_is_log(const struct live *l, struct err *err)
{
	static const char *const others[] = {".dvc", ".git"};
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *dvc_yaml = path_in(l, "dvc.yaml");
	struct value *doc = NULL;
	bool bad = false;

	for (size_t i = 0; !bad && i < ARRAY_SIZE(others); i++) {
		AUTO(mem_freep) char *path = path_in(l, others[i]);
		bad = file_exists(path);
	}
	if (!bad && file_exists(dvc_yaml))
		bad = file_read(dvc_yaml, &text, NULL) < 0 ||
		      yaml_load(&a, dvc_yaml, buf_str(&text), text.len, &doc, NULL) < 0 ||
		      (doc->kind == VALUE_MAP && value_get(doc, "stages"));
	return bad ? err_set(err, ERR_VALUE,
			     "'%s' has files of a project, which a new log would replace: the log needs a directory of its own",
			     l->dir)
		   : 0;
}

/* What a new run replaces, as DVCLive: its own files and nothing else of the directory. */
static int remove_earlier(struct live *l, struct err *err)
{
	static const char *const names[] = {"plots/metrics", "plots/custom", "plots/images",
		"plots/sklearn", "metrics.json", "params.yaml", "report.html", "report.md",
		"dvc.yaml"};
	int r = check_is_log(l, err);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(names); i++) {
		AUTO(mem_freep) char *path = path_in(l, names[i]);
		r = file_remove(path, err);
	}
	return r;
}

/* Take the last values over from the tree of metrics.json. `name` has the keys above, with a slash
 * after each. */
static int restore_metrics(struct live *l, struct buf *name, const struct value *v, struct err *err)
{
	size_t above = name->len;
	int r = 0;
	for (size_t i = 0; r >= 0 && i < v->list.count; i++) {
		const struct value_item *item = &v->list.items[i];
		if (!above && str_eq(item->key, "step")) {
			l->step_at = l->metrics.count;
			l->has_step = true;
			continue;
		}
		buf_add(name, item->key, item->key_len);
		if (item->value->kind == VALUE_MAP && item->value->list.count) {
			buf_addc(name, '/');
			r = restore_metrics(l, name, item->value, err);
		} else if ((r = live_check_folders(l, NULL, buf_str(name), err)) >= 0) {
			(void)json_write(
				&live_metric(l, buf_str(name))->last, item->value, NULL, NULL);
		}
		buf_truncate(name, above);
	}
	return r;
}

static int read_tree(
	const char *path, bool json, struct arena *a, struct value **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = file_read(path, &text, err);
	if (r < 0)
		return r;
	r = json ? json_parse(a, buf_str(&text), text.len, out, err)
		 : yaml_load(a, path, buf_str(&text), text.len, out, err);
	if (r < 0)
		return json ? err_wrap(err, r, "unable to read '%s'", path) : r;
	return (*out)->kind == VALUE_MAP ? 0 : err_set(err, ERR_PARSE, "'%s' has no keys", path);
}

static int restore(struct live *l, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *metrics = path_in(l, "metrics.json");
	AUTO(mem_freep) char *params = path_in(l, "params.yaml");
	AUTO(buf_release) struct buf name = BUF_INIT;
	struct value *tree;

	int r = file_exists(params) ? read_tree(params, false, &l->params_arena, &tree, err) : 0;
	if (r < 0)
		return r;
	if (file_exists(params))
		l->params = tree;
	if (!file_exists(metrics))
		return 0;
	r = read_tree(metrics, true, &a, &tree, err);
	if (r < 0)
		return r;
	r = restore_metrics(l, &name, tree, err);
	if (r < 0)
		return err_wrap(err, ERR_PARSE, "unable to read '%s'", metrics);
	const struct value *step = value_get(tree, "step");
	if (step && step->kind == VALUE_INT) {
		if (step->integer.big || step->integer.number > LIVE_MOST_STEP)
			return err_set(err, ERR_PARSE, "the step in '%s' is too large", metrics);
		l->last_step = step->integer.number;
		l->step = l->last_step ? l->last_step + 1
				       : 0; /* as DVCLive, which takes 0 for no step */
	}
	return 0;
}

int live_open(struct live **out, const struct live_opts *opts, struct err *err)
{
	/* dvc.yaml, which names it, would be readable no more */
	if (!str_is_utf8(opts->dir, strlen(opts->dir)))
		return err_set(err, ERR_VALUE, "the name of the directory '%s' is no text in UTF-8",
			opts->dir);
	struct live *l = mem_zalloc(sizeof(*l));
	l->dir = mem_strdup(opts->dir);
	l->dvc_yaml = opts->dvc_yaml ? mem_strdup(opts->dvc_yaml) : NULL;
	l->last_step = -1;
	l->plots = value_map(&l->plots_arena);
	l->params = value_map(&l->params_arena);

	int r = file_mkdirs(l->dir, err);
	if (r >= 0)
		r = opts->resume ? restore(l, err) : remove_earlier(l, err);
	if (r < 0) {
		live_free(l);
		return r;
	}
	*out = l;
	return 0;
}

/* ---- writing */

/* An earlier run that was killed may have left a part of a row, and the next row would go on in its
 * line. Remove it: that step is not in metrics.json, which is written later, so it is logged again.
 */
static int remove_part_of_row(const char *path, int fd, off_t *size, struct err *err)
{
	AUTO(close_fd) int in = file_open(AT_FDCWD, path, NULL, err);
	char block[4096];
	off_t end = *size;
	if (in < 0)
		return in;
	while (end > 0) {
		size_t n = (size_t)MIN(end, (off_t)sizeof(block));
		if (pread(in, block, n, end - (off_t)n) != (ssize_t)n)
			return err_errno(err, "unable to read '%s'", path);
		const char *row_end = memrchr(block, '\n', n);
		if (row_end) {
			end -= (off_t)n - (row_end + 1 - block);
			break;
		}
		end -= (off_t)n;
	}
	if (end != *size && ftruncate(fd, end) < 0)
		return err_errno(err, "unable to write '%s'", path);
	*size = end;
	return 0;
}

static int append_rows(struct live *l, struct live_metric *m, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	if (!m->rows.len)
		return 0;
	buf_addf(&path, "%s/plots/metrics/%s.tsv", l->dir, m->name);
	int r = file_mkdirs_for(buf_str(&path), err);
	if (r < 0)
		return r;
	AUTO(close_fd) int fd = file_open_log(buf_str(&path), true, err);
	if (fd < 0)
		return fd;
	AUTO(buf_release) struct buf header = BUF_INIT;
	off_t before = lseek(fd, 0, SEEK_END);
	r = m->is_whole ? 0 : remove_part_of_row(buf_str(&path), fd, &before, err);
	if (r < 0)
		return r;
	if (before == 0) {
		buf_adds(&header, "step\t");
		live_add_cell(&header, path_basename(m->name));
		buf_addc(&header, '\n');
	}
	if ((header.len && file_write_all(fd, header.ptr, header.len) < 0) ||
		file_write_all(fd, m->rows.ptr, m->rows.len) < 0) {
		r = err_errno(err, "unable to write '%s'", buf_str(&path));
		/* a part may be there, and all of it is written again */
		m->is_whole = ftruncate(fd, before) == 0;
		return r;
	}
	m->is_whole = true;
	l->pending_bytes -= m->rows.len;
	buf_clear(&m->rows);
	return 0;
}

/* Set `v` at the path `name` of the tree. */
static void set_at(struct arena *a, struct value *tree, const char *name, struct value *v)
{
	for (;;) {
		size_t n = strcspn(name, "/");
		if (!name[n]) {
			value_setn(a, tree, name, n, v);
			return;
		}
		AUTO(mem_freep) char *key = mem_strndup(name, n);
		struct value *next = value_get(tree, key);
		if (!next) {
			next = value_map(a);
			value_setn(a, tree, name, n, next);
		}
		tree = next;
		name += n + 1;
	}
}

static int write_metrics(const struct live *l, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *path = path_in(l, "metrics.json");
	struct value *tree = value_map(&a);

	for (size_t i = 0; i <= l->metrics.count; i++) {
		if (l->has_step && i == l->step_at)
			value_set(&a, tree, "step", value_int(&a, l->last_step));
		if (i < l->metrics.count) {
			const struct live_metric *m = &l->metrics.items[i];
			set_at(&a, tree, m->name,
				value_text(&a, VALUE_JSON, m->last.ptr, m->last.len));
		}
	}
	int r = json_write(&text, tree, &(struct json_opts){.indent = 4}, err);
	buf_addc(&text, '\n');
	return r < 0 ? r : file_write(path, text.ptr, text.len, 0, err);
}

static int write_params(const struct live *l, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *path = path_in(l, "params.yaml");
	yaml_emit(&text, l->params);
	return file_write(path, text.ptr, text.len, 0, err);
}

int live_flush(struct live *l, struct err *err)
{
	int r, first = 0;
	/* a history that cannot be written keeps nothing else from its file */
	VEC_EACH (&l->metrics, m) {
		r = append_rows(l, m, first < 0 ? NULL : err);
		first = first < 0 ? first : r;
	}
	if (l->params_changed) {
		r = write_params(l, err);
		if (r < 0)
			return r;
		l->params_changed = false;
	}
	if (l->metrics.count || l->has_step) {
		r = write_metrics(l, err);
		if (r < 0)
			return r;
	}
	if (l->dvc_yaml && l->has_new_file) {
		r = live_write_dvc_yaml(l, err);
		if (r < 0)
			return r;
		l->has_new_file = false;
	}
	l->is_pending = first < 0;
	return MIN(first, 0);
}
