/* Overrides of groups. */
#include "hydra/choices.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/strlist.h"

void choices_release(struct choices *c)
{
	vec_release(&c->overrides);
	vec_release(&c->deletions);
	vec_release(&c->appended);
	vec_release(&c->known);
	vec_release(&c->rest);
}

/* ---- the command line */

static const char *key_of(struct arena *a, const struct override *o)
{
	return o->package ? arena_printf(a, "%s@%s", o->key, o->package) : o->key;
}

/* The value of an override as the choice of a group. */
static int read_choice(
	struct arena *a, const struct value *v, struct choice_override *out, struct err *err)
{
	if (value_is(v, VALUE_STRING)) {
		out->choice = CHOICE_NAME;
		out->name = v->str.ptr;
		return 0;
	}
	if (!value_is(v, VALUE_LIST))
		return err_set(err, ERR_VALUE,
			"Config group override must be a string or a list. Got %s",
			value_type_name(v));

	const char **options = ARENA_ARRAY(a, const char *, value_count(v) + 1);
	for (size_t i = 0; i < value_count(v); i++) {
		options[i] = value_str(v->list.items[i].value);
		if (!options[i])
			return err_set(err, ERR_VALUE,
				"a list of choices must have strings only, not %s",
				value_type_name(v->list.items[i].value));
	}
	out->choice = CHOICE_LIST;
	out->options = options;
	out->option_count = value_count(v);
	return 0;
}

static int add_deletion(struct choices *c, const struct override *o, struct err *err)
{
	const struct value *v = o->element.value;
	if (v && v->kind != VALUE_NULL && !value_str(v))
		return err_set(err, ERR_VALUE,
			"Config group override deletion value must be a string : %s", o->input);
	const char *key = key_of(c->arena, o);
	VEC_EACH (&c->deletions, d) {
		if (str_eq(d->key, key)) {
			d->name = value_str(v);
			return 0;
		}
	}
	*vec_push(&c->deletions) = (struct choice_deletion){.key = key, .name = value_str(v)};
	return 0;
}

static struct choice_override *find(struct choices *c, const char *key)
{
	VEC_EACH (&c->overrides, o)
		if (str_eq(o->key, key))
			return o;
	return NULL;
}

static int add_group(struct choices *c, const struct override *o, struct err *err)
{
	struct choice_override choice = {.external = true};
	if (o->type == OVERRIDE_FORCE_ADD)
		return err_set(err, ERR_VALUE, "force-add of config groups is not supported: '%s'",
			o->input);
	if (o->type == OVERRIDE_DELETE)
		return add_deletion(c, o, err);
	int r = read_choice(c->arena, o->element.value, &choice, err);
	if (r < 0)
		return r;

	if (o->type == OVERRIDE_ADD) {
		*vec_push(&c->appended) = (struct default_element){.is_group = true,
			.path = o->key,
			.package = str_eq(o->package, "_here_") ? "" : o->package,
			.choice = choice.choice,
			.name = choice.name,
			.options = choice.options,
			.option_count = choice.option_count,
			.appended = true};
		return 0;
	}
	choice.key = key_of(c->arena, o);
	struct choice_override *old = find(c, choice.key);
	*(old ? old : vec_push(&c->overrides)) = choice;
	return 0;
}

int choices_init(struct choices *c, struct arena *a, const struct hydra_source *s,
	const struct override *list, size_t count, struct err *err)
{
	*c = (struct choices){.arena = a};
	for (size_t i = 0; i < count; i++) {
		const struct override *o = &list[i];
		if (value_is(o->element.value, VALUE_MAP) || !hydra_source_has_group(s, o->key)) {
			*vec_push(&c->rest) = *o;
			continue;
		}
		int r = add_group(c, o, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- while the list is expanded */

void choices_add(struct choices *c, const char *config_path, const struct default_element *e)
{
	const char *key = element_key(c->arena, e);
	if (find(c, key))
		return;
	*vec_push(&c->overrides) = (struct choice_override){.key = key,
		.choice = e->choice,
		.name = e->name,
		.options = e->options,
		.option_count = e->option_count,
		.config_path = config_path};
}

void choices_apply(struct choices *c, struct default_element *e)
{
	struct choice_override *o = e->is_group ? find(c, element_key(c->arena, e)) : NULL;
	if (!o)
		return;
	e->choice = o->choice;
	e->name = o->name;
	e->options = o->options;
	e->option_count = o->option_count;
	o->used = true;
}

bool choices_delete(struct choices *c, struct default_element *e)
{
	if (!e->is_group)
		return false;
	const char *key = element_key(c->arena, e);
	VEC_EACH (&c->deletions, d) {
		if (!str_eq(d->key, key) || (d->name && !str_eq(d->name, element_name(e))))
			continue;
		d->used = e->deleted = true;
		return true;
	}
	return false;
}

int choices_note(struct choices *c, const struct default_element *e, struct err *err)
{
	if (!e->is_group)
		return 0;
	const char *key = element_key(c->arena, e), *name = element_name(e);
	VEC_EACH (&c->known, k) {
		if (!str_eq(k->key, key))
			continue;
		if (str_eq(k->name, name))
			return 0;
		return err_set(err, ERR_VALUE,
			"Multiple values for %s. To override a value use 'override %s: %s'", key,
			key, k->name ? k->name : "None");
	}
	*vec_push(&c->known) = (struct known_choice){
		.key = key, .group = element_group_path(c->arena, e), .name = name};
	return 0;
}

/* ---- what nothing used */

/* The choice as Python prints it. */
static void add_choice(struct buf *out, const struct choice_override *o)
{
	if (o->choice != CHOICE_LIST) {
		buf_adds(out, o->choice == CHOICE_NAME ? o->name : "None");
		return;
	}
	buf_addc(out, '[');
	for (size_t i = 0; i < o->option_count; i++)
		buf_addf(out, "%s'%s'", i ? ", " : "", o->options[i]);
	buf_addc(out, ']');
}

/* The keys of a group that were met. Those of one group differ by their package. */
static void known_keys(const struct choices *c, const char *key, struct strlist *out)
{
	size_t len = strcspn(key, "@");
	VEC_EACH (&c->known, k)
		if (strlen(k->group) == len && strncmp(k->group, key, len) == 0)
			strlist_add(out, k->key);
	strlist_sort(out);
}

static int fail_unused(const struct choices *c, const struct choice_override *o, struct err *err)
{
	AUTO(strlist_release) struct strlist keys = STRLIST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	known_keys(c, o->key, &keys);
	AUTO(mem_freep) char *joined = strlist_join(&keys, ", ");

	if (o->config_path)
		buf_addf(&text, "In '%s': ", o->config_path);
	buf_addf(&text, "Could not override '%s'.", o->key);
	if (keys.count)
		buf_addf(&text, "\nDid you mean to override %s%s?", keys.count > 1 ? "one of " : "",
			joined);
	else
		buf_adds(&text, " No match in the defaults list.");
	if (o->external) {
		buf_addf(&text, "\nTo append to your default list use +%s=", o->key);
		add_choice(&text, o);
	}
	return err_set(err, ERR_VALUE, "%s", buf_str(&text));
}

int choices_check_used(const struct choices *c, struct err *err)
{
	VEC_EACH (&c->overrides, o)
		if (!o->used)
			return fail_unused(c, o, err);
	VEC_EACH (&c->deletions, d)
		if (!d->used)
			return err_set(err, ERR_VALUE,
				"Could not delete '%s%s%s'. No match in the defaults list", d->key,
				d->name ? "=" : "", d->name ? d->name : "");
	return 0;
}
