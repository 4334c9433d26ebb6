/* Logging of a training: one line of input is checked, then taken. */
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/live_int.h"
#include "text/edit.h"
#include "text/json.h"

enum { MOST_NAME_BYTES = 1024, MOST_PART_BYTES = 240 }; /* of a metric, an image or a plot */

/* ---- checks: nothing is changed before all of a line has passed */

/* A name becomes a path below the directory, and keys of a tree. */
static int check_name(const char *what, const char *name, size_t len, struct err *err)
{
	bool bad = len > MOST_NAME_BYTES || strlen(name) != len ||
		   !path_is_safe_relative(name, len);
	for (size_t i = 0, part = 0; !bad && i < len; i++) {
		part = name[i] == '/' ? 0 : part + 1;
		bad = (unsigned char)name[i] < ' ' || name[i] == '\\' || name[i] == 127 ||
		      part > MOST_PART_BYTES;
	}
	return bad ? err_set(err, ERR_VALUE,
			     "'%s' is no name of %s: it is a path below the directory", name, what)
		   : 0;
}

static bool is_metric_value(const struct value *v)
{
	return value_is_number(v) || (v->kind == VALUE_STRING && strlen(v->str.ptr) == v->str.len);
}

/* JSON is UTF-8, and so are YAML and the names of files here; "\\ud800" is no character either. */
static int check_text(const struct value *v, struct err *err)
{
	int r = 0;
	if (v->kind == VALUE_STRING && !str_is_utf8(v->str.ptr, v->str.len))
		return err_set(err, ERR_VALUE, "'%s' is no text in UTF-8", v->str.ptr);
	if (v->kind != VALUE_MAP && v->kind != VALUE_LIST)
		return 0;
	for (size_t i = 0; r >= 0 && i < v->list.count; i++) {
		const struct value_item *item = &v->list.items[i];
		if (v->kind == VALUE_MAP && !str_is_utf8(item->key, item->key_len))
			return err_set(err, ERR_VALUE, "'%s' is no text in UTF-8", item->key);
		r = check_text(item->value, err);
	}
	return r;
}

static int check_metrics(
	const struct live *l, const struct value *line, const char *key, struct err *err)
{
	const struct value *v = value_get(line, key);
	if (v->kind != VALUE_MAP)
		return err_set(err, ERR_VALUE, "'%s' is no object", key);
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *item = &v->list.items[i];
		int r = check_name("a metric", item->key, item->key_len, err);
		if (r < 0)
			return r;
		if (str_eq(item->key, "step"))
			return err_set(
				err, ERR_VALUE, "'step' is the number of the step, and no metric");
		if (!is_metric_value(item->value))
			return err_set(err, ERR_VALUE, "metric '%s' is neither a number nor a text",
				item->key);
		r = live_check_folders(l, line, item->key, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static const struct value *text_of(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);
	return v && v->kind == VALUE_STRING ? v : NULL;
}

static int check_named(const struct value *v, const char *key, const char *second, struct err *err)
{
	const struct value *name = v->kind == VALUE_MAP ? text_of(v, "name") : NULL;
	if (!name)
		return err_set(err, ERR_VALUE, "'%s' needs a \"name\"", key);
	if (!value_get(v, second))
		return err_set(err, ERR_VALUE, "%s '%s' needs \"%s\"", key, name->str.ptr, second);
	return check_name(
		str_eq(key, "plot") ? "a plot" : "an image", name->str.ptr, name->str.len, err);
}

static int check_plot(const struct value *v, struct err *err)
{
	int r = check_named(v, "plot", "datapoints", err);
	if (r < 0)
		return r;
	const struct value *points = value_get(v, "datapoints");
	bool bad = points->kind != VALUE_LIST;
	for (size_t i = 0; !bad && i < points->list.count; i++)
		bad = points->list.items[i].value->kind != VALUE_MAP;
	if (bad)
		return err_set(err, ERR_VALUE, "the datapoints of a plot are a list of objects");
	if (!text_of(v, "x") || !value_get(v, "y"))
		return err_set(
			err, ERR_VALUE, "a plot needs \"x\" and \"y\": keys of its datapoints");
	return 0;
}

static int check_image(const struct value *v, struct err *err)
{
	static const char *const suffixes[] = {".jpg", ".jpeg", ".gif", ".png", ".svg"};
	int r = check_named(v, "image", "path", err);
	if (r < 0)
		return r;
	const char *name = text_of(v, "name")->str.ptr;
	if (!text_of(v, "path"))
		return err_set(err, ERR_VALUE, "the path of image '%s' is no text", name);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (str_ends(name, suffixes[i]))
			return 0;
	}
	return err_set(err, ERR_VALUE,
		"image '%s' has none of the endings .png, .jpg, .jpeg, .gif, .svg", name);
}

static int check(const struct live *l, const struct value *line, struct err *err)
{
	for (size_t i = 0; i < line->list.count; i++) {
		const char *key = line->list.items[i].key;
		const struct value *v = line->list.items[i].value;
		int r = 0;
		if (str_eq(key, "metrics") || str_eq(key, "summary"))
			r = check_metrics(l, line, key, err);
		else if (str_eq(key, "params"))
			r = v->kind == VALUE_MAP ? 0
						 : err_set(err, ERR_VALUE, "'params' is no object");
		else if (str_eq(key, "step"))
			r = v->kind == VALUE_INT && !v->integer.big && v->integer.number >= 0 &&
					    v->integer.number <= LIVE_MOST_STEP
				    ? 0
				    : err_set(err, ERR_VALUE, "'step' is no number from 0 on");
		else if (str_eq(key, "more"))
			r = v->kind == VALUE_BOOL
				    ? 0
				    : err_set(err, ERR_VALUE, "'more' is neither true nor false");
		else if (str_eq(key, "image"))
			r = check_image(v, err);
		else if (str_eq(key, "plot"))
			r = check_plot(v, err);
		else
			r = err_set(err, ERR_VALUE,
				"unknown key '%s': params, metrics, summary, step, more, image and plot are known",
				key);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- taking */

/* Append a number as Python's str() writes it, or a text. */
static void add_plain(struct buf *out, const struct value *v)
{
	if (v->kind == VALUE_STRING)
		live_add_cell(out, v->str.ptr);
	else if (v->kind == VALUE_BOOL)
		buf_adds(out, v->boolean ? "True" : "False");
	else if (v->kind == VALUE_FLOAT && v->real.number != v->real.number)
		buf_adds(out, "nan");
	else if (v->kind == VALUE_FLOAT && (v->real.number - v->real.number) != 0)
		buf_adds(out, v->real.number > 0 ? "inf" : "-inf");
	else
		(void)json_write(out, v, NULL, NULL);
}

/* JSON has no NaN, so it is a text there, as in DVCLive. */
static void set_last(struct live_metric *m, const struct value *v)
{
	buf_clear(&m->last);
	if (v->kind == VALUE_FLOAT && (v->real.number - v->real.number) != 0) {
		buf_addc(&m->last, '"');
		add_plain(&m->last, v);
		buf_addc(&m->last, '"');
	} else {
		(void)json_write(&m->last, v, NULL, NULL);
	}
}

static void take_metrics(struct live *l, const struct value *metrics, bool with_history)
{
	for (size_t i = 0; i < metrics->list.count; i++) {
		const struct value_item *item = &metrics->list.items[i];
		size_t before = l->metrics.count;
		struct live_metric *m = live_metric(l, item->key);
		set_last(m, item->value);
		l->has_new_file |= l->metrics.count != before;
		if (!with_history)
			continue;
		size_t len = m->rows.len;
		buf_addf(&m->rows, "%lld\t", (long long)l->step);
		add_plain(&m->rows, item->value);
		buf_addc(&m->rows, '\n');
		l->pending_bytes += m->rows.len - len;
		l->has_new_file |= !l->has_history;
		l->has_history = true;
	}
	l->is_pending = true;
}

static void take_params(struct live *l, const struct value *params)
{
	for (size_t i = 0; i < params->list.count; i++) {
		const struct value_item *item = &params->list.items[i];
		const struct value *old = value_get(l->params, item->key);
		if (old && edit_same(old, item->value))
			continue;
		l->has_new_file |= !l->params->list.count;
		value_set(&l->params_arena, l->params, item->key,
			value_copy(&l->params_arena, item->value));
		l->params_changed = l->is_pending = true;
	}
}

static int take_plot(struct live *l, const struct value *plot, struct err *err)
{
	static const char *const keys[] = {"template", "x", "y", "title", "x_label", "y_label"};
	AUTO(buf_release) struct buf path = BUF_INIT, text = BUF_INIT;
	struct value *looks = value_map(&l->plots_arena);
	const char *name = text_of(plot, "name")->str.ptr;

	buf_addf(&path, "plots/custom/%s%s", name, str_ends(name, ".json") ? "" : ".json");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct value *v = value_get(plot, keys[i]);
		if (v && v->kind != VALUE_NULL)
			value_set(&l->plots_arena, looks, keys[i], value_copy(&l->plots_arena, v));
		else if (i == 0)
			value_set(&l->plots_arena, looks, keys[i],
				value_string(&l->plots_arena, "linear"));
	}
	int r = json_write(
		&text, value_get(plot, "datapoints"), &(struct json_opts){.indent = 4}, err);
	if (r < 0)
		return r;
	buf_addc(&text, '\n');
	AUTO(mem_freep) char *file = path_join(l->dir, buf_str(&path));
	r = file_mkdirs_for(file, err);
	if (r >= 0)
		r = file_write(file, text.ptr, text.len, 0, err);
	if (r < 0)
		return r;
	const struct value *old = value_get(l->plots, buf_str(&path));
	if (!old || !edit_same(old, looks)) {
		value_set(&l->plots_arena, l->plots, buf_str(&path), looks);
		l->has_new_file = l->is_pending = true;
	}
	return 0;
}

static int take_image(struct live *l, const struct value *image, struct err *err)
{
	AUTO(buf_release) struct buf name = BUF_INIT, bytes = BUF_INIT;
	buf_addf(&name, "plots/images/%s", text_of(image, "name")->str.ptr);
	AUTO(mem_freep) char *file = path_join(l->dir, buf_str(&name));
	int r = file_read(text_of(image, "path")->str.ptr, &bytes, err);
	if (r >= 0)
		r = file_mkdirs_for(file, err);
	if (r >= 0)
		r = file_write(file, bytes.ptr, bytes.len, 0, err);
	if (r < 0)
		return r;
	if (!l->has_images)
		l->has_images = l->has_new_file = l->is_pending = true;
	return 0;
}

static void end_step(struct live *l)
{
	if (!l->has_step) {
		l->has_step = true;
		l->step_at = l->metrics.count;
	}
	l->last_step = l->step++;
	l->is_pending = true;
}

static int take(struct live *l, const struct value *line, struct err *err)
{
	const struct value *v;
	int r = 0;
	/* what may fail comes first */
	if ((v = value_get(line, "image")))
		r = take_image(l, v, err);
	if (r >= 0 && (v = value_get(line, "plot")))
		r = take_plot(l, v, err);
	if (r < 0)
		return r;

	if ((v = value_get(line, "step")))
		l->step = v->integer.number;
	if ((v = value_get(line, "params")))
		take_params(l, v);
	if ((v = value_get(line, "summary")))
		take_metrics(l, v, false);
	if ((v = value_get(line, "metrics"))) {
		take_metrics(l, v, true);
		const struct value *more = value_get(line, "more");
		if (!more || !more->boolean)
			end_step(l);
	}
	return 0;
}

int live_take(struct live *l, const char *line, size_t len, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v;
	int r = json_parse(&a, line, len, &v, err);
	if (r < 0)
		return r;
	if (v->kind != VALUE_MAP)
		return err_set(
			err, ERR_VALUE, "a line is an object: {\"metrics\": {\"loss\": 0.5}}");
	if (l->pending_bytes >= LIVE_MOST_KEPT)
		return err_set(err, ERR_IO, "64 MiB wait to be written, so it is not kept");
	r = check_text(v, err);
	if (r >= 0)
		r = check(l, v, err);
	return r < 0 ? r : take(l, v, err);
}
