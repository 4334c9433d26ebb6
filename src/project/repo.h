/*
 * An open repository: where it is, its configuration, its lock. Everything else about it (ignore
 * rules, stages, state) is opened when first asked for, by the modules that own it.
 */
#ifndef PROJECT_REPO_H
#define PROJECT_REPO_H

#include "base/arena.h"
#include "base/err.h"
#include "base/lockfile.h"
#include "base/strlist.h"
#include "project/config.h"

struct ctx;
struct data;
struct ignore;
struct index;
struct origins;

struct repo {
	const struct ctx *ctx; /* borrowed; may be NULL */
	char *root;            /* absolute, links resolved; the directory that holds .dvc */
	char *dvc_dir;         /* root/.dvc */
	char *tmp_dir;         /* root/.dvc/tmp; made on first need by repo_tmp() */
	char *cwd;             /* absolute; messages show paths relative to it */
	char *git_root;        /* NULL without Git (core.no_scm, or no .git above) */
	char *cache_dir;       /* cache.dir or root/.dvc/cache: the 2.x objects and runs/ */
	struct config config;
	struct arena arena;                     /* for what lives as long as the repository */
	struct ignore *ignore;                  /* project/ignore.h */
	struct index *index;                    /* project/index.h */
	void (*close_index)(struct repo *repo); /* set with `index` */
	struct data *data;                      /* data/data.h */
	void (*close_data)(struct repo
			*repo);  /* set with `data`, so that short commands do not need the store */
	struct origins *origins; /* data/origins.h */
	void (*close_origins)(struct repo *repo); /* set with `origins` */
	struct strlist to_track; /* absolute paths that changed and belong into Git */
	struct strlist ignored;  /* absolute paths that gitignore_add() has added, in order */
	struct strlist tracked;  /* what Git's index has, once asked (project/gitignore.h) */
	bool tracked_known;
	struct lockfile lock;
	int lock_depth; /* repo_lock() calls that are open */
	bool wait_for_lock;
};

#define REPO_INIT ((struct repo){0})

/* Open the repository that `start` is in. `ctx` outlives it. Fails: ERR_NOT_REPO, ERR_CONFIG,
 * ERR_IO. */
int repo_open(struct repo *repo, const struct ctx *ctx, const char *start, struct err *err);
/* As repo_open(), where there is no repository: the Git work tree, or the directory alone, taken
 * for one without data. */
int repo_open_plain(struct repo *repo, const struct ctx *ctx, struct err *err);
/*
 * Open what lies at the absolute `root` as a repository that is only read, whether or not DVC was
 * initialized there. `config` is what its .dvc/config says at the revision that is read; NULL: what
 * is on disk counts. `git_root` may be NULL. Fails: ERR_CONFIG, ERR_IO.
 */
int repo_open_at(struct repo *repo, const struct ctx *ctx, const char *root, const char *git_root,
	const struct buf *config, struct err *err);
void repo_release(struct repo *repo);

/* Make .dvc/tmp if it is missing (with DVC's btime file). */
int repo_tmp(struct repo *repo, struct err *err);
/*
 * DVC's repository lock; nests. Waits 3 seconds, or for ever with `wait_for_lock`. Fails:
 * ERR_LOCKED with DVC's text; ERR_UNCAUGHT when there is no Git although the configuration does not
 * say so. repo_unlock_all() lets go of it while a stage's command runs; repo_relock() takes it
 * again, and fails with ERR_LOCKED after `timeout_ms`.
 */
int repo_lock(struct repo *repo, struct err *err);
void repo_unlock(struct repo *repo);
void repo_unlock_all(struct repo *repo);
int repo_relock(struct repo *repo, int timeout_ms, struct err *err);

/* Note a file that the user (or autostage) should add to Git; once each, in order. */
void repo_track(struct repo *repo, const char *abs_path);

/* A path below the root as users see it: relative to the working directory. Heap string. */
char *repo_display(const struct repo *repo, const char *absolute_path);
/* The same as DVC has it in its YAML errors: "./dvc.yaml", "../x.dvc". Heap string. */
char *repo_display_yaml(const struct repo *repo, const char *absolute_path);
/* An absolute path relative to the root ("data/a"); heap string. */
char *repo_relative(const struct repo *repo, const char *absolute_path);
/* Absolute path of something named on the command line. Heap string. */
char *repo_absolute(const struct repo *repo, const char *user_path);
/* The directory of DVC's site cache for this machine and user; heap string. */
char *repo_site_cache_dir(const struct repo *repo);
/* Where 3.x objects live: <cache_dir>/files/md5; heap string. */
char *repo_objects_dir(const struct repo *repo);

#endif
