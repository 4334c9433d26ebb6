/* The objects that outputs use: what push sends, fetch brings and gc keeps. */
#ifndef DATA_USED_H
#define DATA_USED_H

#include "base/progress.h"
#include "data/remotes.h"
#include "data/select.h"
#include "data/data.h"
#include "store/transfer.h"

struct used_name {
	struct oid oid;
	char *path; /* the output, or a file in it, as shown */
	char *rev;  /* the revision that has it; NULL: the work tree */
};
VEC_TYPE(used_names, struct used_name);

/* The objects of one remote. */
struct used_group {
	char *remote; /* NULL: the default one */
	struct oid_list oids;
	struct used_names names;     /* when asked for */
	struct transfer_sizes sizes; /* likewise */
};

struct used {
	VEC(struct used_group) groups;
	size_t listings_fetched; /* on the way, to learn what is in them */
};
void used_release(struct used *u);

struct used_opts {
	const char *remote; /* given by the user: outputs bound to another one are left out */
	bool push;          /* leave out what is not to be pushed: `push: false`, imports */
	bool names;         /* fill used_group.names */
	bool sizes;         /* fill used_group.sizes, and set aside what is damaged in the cache */
	bool whole;   /* listings and the files in them, though the listing alone would do for a
			 transfer */
	bool warn;    /* name outputs that have no data recorded, as status -c and gc do */
	bool force;   /* pass over a listing that cannot be had, instead of failing */
	bool partial; /* what was fetched of imports that do not record their data's name
			 (--no-download) */
	bool imports; /* data of other repositories, too: it is in the cache, but not to be pushed
		       */
	bool all_or_fail; /* a revision that cannot be read is a failure */
	/* What cannot be understood is no failure: what it may name is kept (used_guess.c). Only
	 * what cannot even be read fails. */
	bool skip_failed;
	/* when not NULL, a revision that cannot be read is no failure, but added here: its name,
	 * then why */
	struct strlist *failures;
	const char *rev; /* where `outs` are from, for names; used_collect_revs() sets it itself */
	/* Called for each import whose data is to come from where it was imported; NULL: passed
	 * over. A failure ends the collection. */
	int (*import)(void *ctx, const struct stage *s, struct err *err);
	void *import_ctx;
	int64_t max_bytes; /* with `kinds`: see selection_narrow() */
	unsigned kinds;
	struct remotes *remotes; /* fetch missing listings from there; NULL: do not */
	const struct progress *progress;
};

/* Add what the selected outputs use. Fails: ERR_FAIL (a listing is nowhere; DVC's wording), ERR_IO,
 * ERR_PARSE. */
int used_collect(struct used *u, struct repo *repo, struct data *d, const struct selection *outs,
	const struct used_opts *opts, struct err *err);

/*
 * Add what everything in an index uses, of which parts may be broken. With opts->skip_failed what
 * the broken files may name is added, too, and told; without, they are the failure.
 */
int used_collect_index(struct used *u, struct repo *repo, struct data *d, struct index *ix,
	const struct used_opts *opts, struct err *err);

/* Which revisions besides the workspace. */
struct used_revs {
	bool all_branches, all_tags, all_commits, all_experiments;
	const char *rev;
	const char *date; /* commits since this day, "2024-01-31" */
	int num;
	bool waiting; /* what experiments wait with, or have put aside: the queue's tasks, failed
			 ones too, and the stash of `exp apply` */
};
/*
 * Add what the revisions use; `targets` (may be empty) are looked up in each. A revision that
 * cannot be read is passed over with a warning, or fails with DVC's "Failed to collect". Fails:
 * ERR_VALUE for a malformed date.
 */
int used_collect_revs(struct used *u, struct repo *repo, struct data *d,
	const struct used_revs *revs, const struct strlist *targets, unsigned flags,
	const struct used_opts *opts, struct err *err);

#endif
