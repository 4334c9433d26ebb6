/*
 * Composes configurations, for tests that compare the result with Hydra. Each input line is a JSON
 * list [directory, name of the configuration, overrides]; each output line the YAML text as a JSON
 * string, or an error object. With `parse` on the command line the input is an override, and the
 * output what it says.
 */
#include <string.h>

#include "base/path.h"
#include "hydra/compose.h"
#include "hydra/override_int.h"

#include "lines.h"

static int compose(const struct value *v, struct buf *out, struct err *err)
{
	AUTO(strlist_release) struct strlist items = STRLIST_INIT;
	const struct value *list = v->list.items[2].value;
	const char *dir = value_str(v->list.items[0].value);
	AUTO(mem_freep) char *shown = mem_printf("file://%s", dir);
	for (size_t i = 0; i < value_count(list); i++)
		strlist_add(&items, value_str(list->list.items[i].value));
	const struct hydra_request request = {.dir = dir,
		.shown = shown,
		.config_name = value_str(v->list.items[1].value),
		.cwd = dir,
		.overrides = &items};
	return hydra_compose(&request, out, NULL, err);
}

static const char *const types[] = {"CHANGE", "ADD", "FORCE_ADD", "DEL"};
static const char *const sweeps[] = {"ELEMENT", "CHOICE", "RANGE", "INTERVAL", "GLOB"};

/* "CHANGE key@package ELEMENT value" */
static int parse(struct arena *a, const struct value *v, struct buf *out, struct err *err)
{
	struct override o;
	int ret = override_parse(a, value_str(v), &o, err);
	if (ret < 0)
		return ret;
	buf_addf(out, "%s %s%s%s %s ", types[o.type], o.key, o.package ? "@" : "",
		o.package ? o.package : "", o.has_value ? sweeps[o.element.sweep] : "NONE");
	const struct element *e = &o.element;
	if (e->sweep == SWEEP_RANGE) {
		const struct value *const parts[] = {e->start, e->stop, e->step};
		for (size_t i = 0; i < 3; i++) {
			buf_adds(out, i ? " " : "");
			value_add_repr(out, parts[i]);
		}
	} else if (o.has_value && e->value) {
		value_add_repr(out, e->value);
	}
	buf_adds(out, e->sweep == SWEEP_CHOICE && e->simple ? " simple" : "");
	buf_adds(out, e->shuffle ? " shuffle" : "");
	buf_rtrim(out);
	return 0;
}

static int run(
	const char *verb, struct arena *a, const struct value *v, struct buf *out, struct err *err)
{
	return strcmp(verb, "parse") == 0 ? parse(a, v, out, err) : compose(v, out, err);
}

int main(int argc, char **argv)
{
	return lines_run(argc, argv, run);
}
