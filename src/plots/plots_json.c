#include "plots/plots_json.h"

static struct value *revisions(struct arena *a, const struct strlist *revs)
{
	struct value *list = value_list(a);
	for (size_t i = 0; i < revs->count; i++)
		value_append(a, list, value_string(a, revs->items[i]));
	return list;
}

static struct value *image_entries(struct arena *a, const struct plot *p)
{
	struct value *list = value_list(a);
	VEC_EACH (&p->images, image) {
		struct value *one = value_map(a), *revs = value_list(a);
		value_append(a, revs, value_string(a, image->rev));
		value_set(a, one, "type", value_string(a, "image"));
		value_set(a, one, "revisions", revs);
		value_set(a, one, "url", value_string(a, image->src));
		value_append(a, list, one);
	}
	return list;
}

int plot_document(struct plots *p, const struct plot *plot, struct plot_templates *templates,
	enum plot_keep keep, struct value **out, struct err *err)
{
	const struct value *template;
	int r = plot_template_find(templates, plot->template, &template, err);
	return r < 0 ? r : plot_template_fill(template, plot, keep, &p->arena, out, NULL, err);
}

/* The one entry of a plot with points. */
static int vega_entry(struct plots *p, const struct plot *plot, struct plot_templates *templates,
	bool split, struct value **out, struct err *err)
{
	struct arena *a = &p->arena;
	struct value *content = NULL, *definitions = split ? value_map(a) : NULL,
		     *one = value_map(a);
	const struct value *template;
	int r = plot_template_find(templates, plot->template, &template, err);
	if (r == 0)
		r = plot_template_fill(
			template, plot, PLOT_KEEP_VARIED, a, &content, definitions, err);
	if (r < 0)
		return r;
	value_set(a, one, "type", value_string(a, "vega"));
	value_set(a, one, "revisions", revisions(a, &plot->revs));
	value_set(a, one, "content", content);
	if (split)
		value_set(a, one, "anchor_definitions", definitions);
	*out = one;
	return 0;
}

static void add_error(
	struct arena *a, struct value *errors, const char *name, const struct plot_error *e)
{
	struct value *one = value_map(a);
	if (name)
		value_set(a, one, "name", value_string(a, name));
	value_set(a, one, "rev", value_string(a, e->rev));
	if (e->source)
		value_set(a, one, "source", value_string(a, e->source));
	value_set(a, one, "type", value_string(a, e->why.type));
	value_set(a, one, "msg", value_string(a, e->why.msg));
	value_append(a, errors, one);
}

/* A template that cannot be used: an error of the plot at each of its revisions. */
static void note_template(struct plots *p, struct plot *plot, const struct err *why)
{
	const char *type = why->code == ERR_NOT_FOUND ? "TemplateNotFoundError"
			   : why->code == ERR_PARSE   ? "JSONDecodeError"
						      : "BadTemplateError";
	const char *message = arena_strdup(&p->arena, err_text(why));
	strlist_addf(&p->warnings, "'%s': %s", plot->id, message);
	for (size_t i = 0; i < plot->revs.count; i++)
		*vec_push(&plot->errors) = (struct plot_error){
			plot->revs.items[i], NULL, {type, message}};
}

static struct value *entries(
	struct plots *p, struct plot *plot, struct plot_templates *templates, bool split)
{
	AUTO(err_release) struct err why = ERR_INIT;
	struct value *list, *one;
	if (plot->is_image)
		return image_entries(&p->arena, plot);
	list = value_list(&p->arena);
	if (!plot->points)
		return list;
	if (vega_entry(p, plot, templates, split, &one, &why) < 0)
		note_template(p, plot, &why);
	else
		value_append(&p->arena, list, one);
	return list;
}

struct value *plots_to_json(struct plots *p, struct plot_templates *templates, bool split)
{
	struct arena *a = &p->arena;
	struct value *out = value_map(a), *errors = value_list(a), *data = value_map(a);
	VEC_EACH (&p->items, plot) {
		value_set(a, data, plot->id, entries(p, plot, templates, split));
		VEC_EACH (&plot->source_errors, e)
			add_error(a, errors, plot->id, e);
		VEC_EACH (&plot->errors, e)
			add_error(a, errors, plot->id, e);
	}
	VEC_EACH (&p->rev_errors, e)
		add_error(a, errors, NULL, e);
	if (errors->list.count)
		value_set(a, out, "errors", errors);
	if (data->list.count)
		value_set(a, out, "data", data);
	return out;
}
