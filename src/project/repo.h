/* An open repository: its location, configuration and lock. Everything else (ignore rules, stages,
 * state) is opened on first use by the module that owns it. */
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
	char *root;            /* absolute, links resolved; the directory that contains .dvc */
	char *dvc_dir;         /* root/.dvc */
	char *tmp_dir;         /* root/.dvc/tmp; created by repo_tmp() when needed */
	char *cwd;             /* absolute; paths in messages are relative to it */
	char *git_root;        /* NULL without Git (core.no_scm, or no .git above) */
	/* cache.dir or root/.dvc/cache; 2.x objects and runs/ are directly in it */
	char *cache_dir;
	struct config config;
	struct arena arena;                     /* for data that lives as long as the repository */
	struct ignore *ignore;                  /* project/ignore.h */
	struct index *index;                    /* project/index.h */
	void (*close_index)(struct repo *repo); /* set with `index` */
	struct data *data;                      /* data/data.h */
	/* set with `data`: project/ cannot call data/, and short commands never open the store */
	void (*close_data)(struct repo *repo);
	struct origins *origins;                  /* data/origins.h */
	void (*close_origins)(struct repo *repo); /* set with `origins` */
	struct strlist to_track; /* absolute paths of changed files that belong into Git */
	struct strlist ignored;  /* absolute paths that gitignore_add() has added, in order */
	struct strlist tracked;  /* paths in Git's index, once loaded (project/gitignore.h) */
	bool tracked_known;
	struct lockfile lock;
	int lock_depth; /* number of repo_lock() calls without repo_unlock() */
	bool wait_for_lock;
	bool as_dvc; /* the program was called as dvc: where DVC and we differ, do as DVC */
};

#define REPO_INIT ((struct repo){0})

/* Open the repository that contains `start`. `ctx` outlives it. Fails: ERR_NOT_REPO, ERR_CONFIG,
 * ERR_IO. */
int repo_open(struct repo *repo, const struct ctx *ctx, const char *start, struct err *err);
/* For commands outside of a DVC repository: treat the Git work tree, or the working directory, as
 * one without data. */
int repo_open_plain(struct repo *repo, const struct ctx *ctx, struct err *err);
/*
 * Open the directory at the absolute `root` as a repository that is only read, whether or not it is
 * a DVC repository. `config` is the text of its .dvc/config at the revision that is read; NULL: the
 * files on disk count. `git_root` may be NULL. Fails: ERR_CONFIG, ERR_IO.
 */
int repo_open_at(struct repo *repo, const struct ctx *ctx, const char *root, const char *git_root,
	const struct buf *config, struct err *err);
void repo_release(struct repo *repo);

/* Create .dvc/tmp if it does not exist, with DVC's btime file. */
int repo_tmp(struct repo *repo, struct err *err);
/*
 * DVC's repository lock; calls nest. Waits for 3 s, or without limit with `wait_for_lock`. Fails:
 * ERR_LOCKED with DVC's text; ERR_NO_GIT when there is no Git although the configuration expects
 * it. repo_unlock_all() releases the lock while a stage's command runs; repo_relock() takes it
 * again, and fails with ERR_LOCKED after `timeout_ms`.
 */
int repo_lock(struct repo *repo, struct err *err);
void repo_unlock(struct repo *repo);
void repo_unlock_all(struct repo *repo);
int repo_relock(struct repo *repo, int timeout_ms, struct err *err);

/* Remember a file that the user (or autostage) should add to Git; each once, in order. */
void repo_track(struct repo *repo, const char *abs_path);

/* A path as messages show it: relative to the working directory. Heap string. */
char *repo_display(const struct repo *repo, const char *absolute_path);
/* The same in the form of DVC's YAML errors: "./dvc.yaml", "../x.dvc". Heap string. */
char *repo_display_yaml(const struct repo *repo, const char *absolute_path);
/* An absolute path relative to the root ("data/a"). Heap string. */
char *repo_relative(const struct repo *repo, const char *absolute_path);
/* The absolute path of something named on the command line. Heap string. */
char *repo_absolute(const struct repo *repo, const char *user_path);
/* The directory of DVC's site cache. Heap string. */
char *repo_site_cache_dir(const struct repo *repo);
/* The directory of 3.x objects: <cache_dir>/files/md5. Heap string. */
char *repo_objects_dir(const struct repo *repo);

#endif
