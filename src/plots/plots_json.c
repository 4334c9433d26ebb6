/* Builds DVC's JSON of plots. */
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

/* A template that cannot be used: an error of the plot at each of its revisions. */
static void note_template(struct plots *p, struct plot *plot, const struct err *why)
{
	const char *type = why->code == ERR_NOT_FOUND ? "TemplateNotFoundError"
			   : why->code == ERR_PARSE   ? "JSONDecodeError"
						      : "BadTemplateError";
	const char *message = arena_strdup(&p->arena, err_text(why));
	for (size_t i = 0; i < plot->revs.count; i++)
		*vec_push(&plot->errors) = (struct plot_error){
			plot->revs.items[i], NULL, {type, message}};
}

bool plot_check_template(struct plots *p, struct plot *plot, struct plot_templates *templates)
{
	AUTO(err_release) struct err why = ERR_INIT;
	const struct value *template;
	if (plot_template_find(templates, plot->template, &template, &why) == 0)
		return true;
	note_template(p, plot, &why);
	return false;
}

struct value *plot_document(
	struct plots *p, struct plot *plot, struct plot_templates *templates, struct value *split)
{
	AUTO(err_release) struct err why = ERR_INIT;
	struct value *out = NULL;
	const struct value *template;
	int r = plot_template_find(templates, plot->template, &template, &why);
	if (r == 0)
		r = plot_template_fill(template, plot, &p->arena, &out, split, &why);
	if (r < 0)
		note_template(p, plot, &why);
	return r < 0 ? NULL : out;
}

/* The one entry of a plot with points; nothing if its template cannot be used. */
static void add_vega(struct plots *p, struct plot *plot, struct plot_templates *templates,
	bool split, struct value *list)
{
	struct arena *a = &p->arena;
	struct value *definitions = split ? value_map(a) : NULL, *one = value_map(a);
	struct value *content = plot_document(p, plot, templates, definitions);
	if (!content)
		return;
	value_set(a, one, "type", value_string(a, "vega"));
	value_set(a, one, "revisions", revisions(a, &plot->revs));
	value_set(a, one, "content", content);
	if (split)
		value_set(a, one, "anchor_definitions", definitions);
	value_append(a, list, one);
}

/* As DVC writes an error of a plot, or of a revision (`name` NULL). */
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

static struct value *entries(
	struct plots *p, struct plot *plot, struct plot_templates *templates, bool split)
{
	struct value *list = value_list(&p->arena);
	if (plot->is_image)
		return image_entries(&p->arena, plot);
	if (plot->points)
		add_vega(p, plot, templates, split, list);
	return list;
}

struct value *plots_errors(struct plots *p)
{
	struct value *errors = value_list(&p->arena);
	VEC_EACH (&p->items, plot) {
		VEC_EACH (&plot->source_errors, e)
			add_error(&p->arena, errors, plot->id, e);
		VEC_EACH (&plot->errors, e)
			add_error(&p->arena, errors, plot->id, e);
	}
	VEC_EACH (&p->rev_errors, e)
		add_error(&p->arena, errors, NULL, e);
	return errors;
}

struct value *plots_to_json(struct plots *p, struct plot_templates *templates, bool split)
{
	struct arena *a = &p->arena;
	struct value *out = value_map(a), *errors, *data = value_map(a);
	VEC_EACH (&p->items, plot)
		value_set(a, data, plot->id, entries(p, plot, templates, split));
	errors = plots_errors(p);
	if (errors->list.count)
		value_set(a, out, "errors", errors);
	if (data->list.count)
		value_set(a, out, "data", data);
	return out;
}
