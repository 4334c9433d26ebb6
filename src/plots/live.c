/* Looks for a running experiment where each kind of them is noted. */
#include "plots/live.h"

#include <string.h>

#include "base/alloc.h"
#include "exp/active.h"
#include "exp/queue.h"

/* Is `name` the name of the experiment, or its id in full or in the 7 digits of tables? */
static bool is_named(const char *name, const char *own, const struct scm_id *stash)
{
	size_t len = strlen(name);
	return (own && strcmp(own, name) == 0) ||
	       (len >= 7 && scm_id_is_set(stash) && strncmp(stash->hex, name, len) == 0);
}

static char *root_of_active(struct exp *x, const char *name)
{
	struct actives list = {0};
	char *root = NULL;
	active_load(x, &list);
	VEC_EACH (&list, e)
		if (!root && is_named(name, e->name, &e->stash))
			root = mem_strdup(e->dvc_root);
	actives_release(&list);
	return root;
}

static char *root_of_task(struct exp *x, const char *name)
{
	AUTO(queue_entries_release) struct queue_entries tasks = {0};
	AUTO(err_release) struct err ignored = ERR_INIT;
	char *root = NULL;
	if (queue_load(x, &tasks, &ignored) < 0)
		return NULL;
	VEC_EACH (&tasks, t) {
		AUTO(journal_release) struct journal j = {0};
		if (root || t->state != QUEUE_RUNNING || !is_named(name, t->name, &t->stash))
			continue;
		journal_init(&j, x, EXP_IN_QUEUE, t->stash.hex);
		root = journal_tree_root(&j, x);
	}
	return root;
}

char *plot_live_root(struct repo *repo, const char *name)
{
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(err_release) struct err ignored = ERR_INIT;
	if (exp_open(&x, repo, &ignored) < 0)
		return NULL;
	char *root = root_of_active(&x, name);
	return root ? root : root_of_task(&x, name);
}
