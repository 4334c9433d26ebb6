#include "scm/expref.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/alloc.h"
#include "base/str.h"
#include "scm/ref.h"
#include "scm/words.h"

void expref_release(struct expref *e)
{
	free(e->ref);
	free(e->name);
	*e = (struct expref){0};
}

void exprefs_release(struct exprefs *list)
{
	VEC_EACH (list, e)
		expref_release(e);
	vec_release(list);
}

char *expref_format(const struct scm_id *baseline, const char *name)
{
	return mem_printf(EXPREF_PREFIX "%.2s/%s/%s", baseline->hex, baseline->hex + 2, name);
}

bool expref_parse(const char *ref, struct expref *out)
{
	const char *at = ref + strlen(EXPREF_PREFIX);
	struct expref e = {0};
	const char *name;

	/* 2 + '/' + 38 digits of the baseline */
	if (!str_starts(ref, EXPREF_PREFIX) || strlen(at) < 41 || at[2] != '/')
		return false;

	memcpy(e.baseline.hex, at, 2);
	memcpy(e.baseline.hex + 2, at + 3, 38);
	if (!scm_is_full_id(e.baseline.hex))
		return false;

	name = at + 41;
	/* an anonymous experiment is the ref of the baseline itself */
	if (*name == '/')
		name++;
	else if (*name != '\0')
		return false;
	/* a deeper path is no experiment */
	if (strchr(name, '/'))
		return false;

	e.ref = mem_strdup(ref);
	e.name = mem_strdup(name);
	*out = e;
	return true;
}

/* Add the ref if it is that of an experiment. */
static int collect(void *ctx, const char *ref, const struct scm_id *id, struct err *err)
{
	struct expref e;

	(void)err;
	if (expref_parse(ref, &e)) {
		e.tip = *id;
		*vec_push((struct exprefs *)ctx) = e;
	}
	return 0;
}

int exprefs_load(
	struct scm *scm, const struct scm_id *baseline, struct exprefs *out, struct err *err)
{
	AUTO(mem_freep) char *prefix = baseline ? expref_format(baseline, "")
						: mem_strdup(EXPREF_PREFIX);

	return scm_refs_each(scm, prefix, collect, out, err);
}

static int ambiguous(const struct exprefs *all, const char *name, struct err *err)
{
	AUTO(buf_release) struct buf refs = BUF_INIT;

	VEC_EACH (all, e)
		if (strcmp(e->name, name) == 0)
			buf_addf(&refs, "\n\t%s", e->ref);
	return err_set(err, ERR_EXISTS,
		"Ambiguous name '%s' refers to multiple experiments. Use one of the following full refnames "
		"instead:\n%s",
		name, buf_str(&refs));
}

int exprefs_find(const struct exprefs *all, const struct scm_id *head, const char *name,
	const struct expref **out, struct err *err)
{
	const struct expref *found = NULL;
	bool several = false;

	/* by full ref or by name; an experiment of HEAD has priority over all others */
	VEC_EACH (all, e) {
		if (strcmp(e->ref, name) != 0 && strcmp(e->name, name) != 0)
			continue;
		if (head && scm_id_equal(&e->baseline, head)) {
			found = e;
			several = false;
			break;
		}
		several = found != NULL;
		found = e;
	}

	if (!found)
		return err_set(err, ERR_NOT_FOUND, "'%s' is not a valid experiment name", name);
	if (several)
		return ambiguous(all, name, err);
	*out = found;
	return 0;
}

int expref_resolve(
	struct scm *scm, const char *name, char **out_ref, struct scm_id *tip, struct err *err)
{
	AUTO(exprefs_release) struct exprefs all = {0};
	const struct expref *found = NULL;
	struct scm_id head;
	bool have_head = scm_head(scm, &head, NULL, NULL) == 0;
	int r = exprefs_load(scm, NULL, &all, err);

	if (r == 0)
		r = exprefs_find(&all, have_head ? &head : NULL, name, &found, err);
	if (r < 0)
		return r;
	if (out_ref)
		*out_ref = mem_strdup(found->ref);
	if (tip)
		*tip = found->tip;
	return 0;
}

/* git decides what is valid; "ba/se" stands for any baseline. */
int expref_check_name(const char *name, struct err *err)
{
	AUTO(mem_freep) char *ref = mem_printf("refs/exps/ba/se/%s", name);

	if (*name && !strchr(name, '/') && scm_ref_is_valid_name(ref, err))
		return 0;
	return err_kind(err, KIND_INVALID_ARGUMENT,
		err_set(err, ERR_FAIL,
			"Invalid exp name %s, the exp name must follow rules in https://git-scm.com/docs/git-check-ref-format",
			name));
}

static size_t random_below(size_t limit)
{
	uint64_t number = 0;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		/* not random, but a name need not be unpredictable */
		number = (uint64_t)time(NULL);
	return (size_t)(number % limit);
}

char *expref_new_name(struct scm *scm, const struct scm_id *baseline, const struct map *taken)
{
	for (;;) {
		char *name = mem_printf("%s-%s",
			words_adjective(random_below(words_adjective_count())),
			words_noun(random_below(words_noun_count())));
		AUTO(mem_freep) char *ref = expref_format(baseline, name);

		/* Another process may take the name before the ref is written; writing it reports
		 * that. */
		if (!(taken && map_has(taken, name)) && !scm_ref_exists(scm, ref))
			return name;
		free(name);
	}
}
