/* Collects the objects that outputs use, for push (sends them), fetch (fetches them) and gc (keeps
 * them). */
#ifndef DATA_USED_H
#define DATA_USED_H

#include "base/progress.h"
#include "data/remotes.h"
#include "data/select.h"
#include "data/data.h"
#include "data/versions.h"
#include "store/remote.h"
#include "scm/scm.h"

struct used_name {
	struct oid oid;
	char *path; /* of the output or of a file in it, for display */
	char *rev;  /* the revision that uses it; NULL: the work tree */
};
VEC_TYPE(used_names, struct used_name);

/* The objects of one remote. */
struct used_group {
	char *remote; /* NULL: the default remote */
	struct oid_list oids;
	struct used_names names; /* with used_opts.names */
	struct oid_list named;   /* with used_opts.names: those of outputs, not of files in them */
	struct remote_sizes sizes; /* with used_opts.sizes */
	/* With used_opts.versions, and when the remote is cloud-versioned: its files, instead of
	 * objects. `oids` has only the listings that are nowhere then. */
	bool is_versioned;
	struct versions versions;
};

struct used {
	VEC(struct used_group) groups;
	size_t listings_fetched; /* number of listings that were fetched to read them */
	/* Sorted: those that were asked for, and those of them that no remote has. */
	struct oid_list listings_asked, listings_absent;
};
void used_release(struct used *u);

struct used_opts {
	const char *remote; /* the user's choice: skip outputs with another `remote` */
	bool push;          /* skip outputs that are not pushed: `push: false`, imports */
	bool names;         /* fill used_group.names */
	bool sizes;         /* fill used_group.sizes, and set damaged objects aside */
	bool whole;         /* add the files of listings too; a transfer needs only the listings */
	bool versions;      /* fill used_group.versions */
	bool warn;          /* warn of outputs without a record, as `status -c` and `gc` do */
	bool force;         /* skip a listing that is nowhere, instead of failing */
	bool partial;       /* add the fetched data of partial imports (import --no-download) */
	bool imports; /* add data of imports from repositories: in the cache, but never pushed */
	/* add outputs with `cache: false` as well, whose content the cache may have for the sake of
	 * the run-cache */
	bool uncached;
	bool all_or_fail; /* fail for a revision that cannot be read */
	/* Files that cannot be parsed are no failure: the objects that they may name are added
	 * (used_guess.c). Files that cannot be read still fail. */
	bool skip_failed;
	/* Not NULL: a revision that cannot be read is no failure; its id and the message are added
	 * here. */
	struct strlist *failures;
	const char *rev; /* the revision of `outs`, for names; used_collect_revs() sets it */
	/* Called for each import whose data comes from its source; NULL: skip these. A failure ends
	 * the collection. */
	int (*import)(void *ctx, const struct stage *s, struct err *err);
	void *import_ctx;
	int64_t max_bytes; /* this and `kinds`: as in selection_narrow() */
	unsigned kinds;
	struct remotes *remotes; /* fetch missing listings from them; NULL: do not fetch */
	const struct progress *progress;
};

/* Add the objects of the selected outputs. Fails: ERR_FAIL (a listing is nowhere; DVC's wording),
 * ERR_IO, ERR_PARSE. */
int used_collect(struct used *u, struct repo *repo, struct data *d, const struct selection *outs,
	const struct used_opts *opts, struct err *err);

/*
 * Add the objects of all outputs of an index, parts of which may be broken. With opts->skip_failed
 * the objects that broken files may name are added, with a warning; otherwise broken files fail.
 */
int used_collect_index(struct used *u, struct repo *repo, struct data *d, struct index *ix,
	const struct used_opts *opts, struct err *err);

/* The revisions to collect, besides the workspace. */
struct used_revs {
	bool all_branches, all_tags, all_commits, all_experiments;
	const char *rev;
	const char *date; /* commits since this day, "2024-01-31", in local time */
	int num;
	const struct scm_ids *ids; /* commits, or NULL */
	bool waiting; /* tasks in the queue of experiments, failed ones too, and the stash of `exp
			 apply` */
};
/* Are revisions asked for, besides waiting tasks? */
bool used_revs_any(const struct used_revs *revs);

/*
 * Add the objects of revisions; `targets` (may be empty: all) are looked up in each. A revision
 * that cannot be read is skipped with a warning, or with opts->all_or_fail fails with DVC's "Failed
 * to collect". Fails: ERR_VALUE for a malformed date.
 */
int used_collect_revs(struct used *u, struct repo *repo, struct data *d,
	const struct used_revs *revs, const struct strlist *targets, unsigned flags,
	const struct used_opts *opts, struct err *err);

#endif
