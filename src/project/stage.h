/*
 * What dvc.yaml, dvc.lock and .dvc files say: stages with their dependencies and outputs. All of it
 * lives in the arena of the index that loaded it; strings are borrowed from there.
 */
#ifndef PROJECT_STAGE_H
#define PROJECT_STAGE_H

#include "base/vec.h"
#include "text/value.h"

struct repo;

/* What is recorded of a path: in dvc.lock, or in an entry of a .dvc file. */
struct recorded {
	const char *hash_name; /* "md5", "md5-dos2unix" (2.x), "etag", "checksum"; NULL: no hash
				  recorded */
	const char *hash;      /* as written, lower case; directories end with ".dir" */
	int64_t size;          /* bytes, -1: not recorded */
	int64_t nfiles;        /* -1: not recorded, or no directory */
	bool isexec;
	const char *version_id;    /* of a cloud object, or NULL */
	const struct value *files; /* explicit list of a cloud-versioned directory, or NULL */
	const struct value *cloud; /* per-remote versions, or NULL */
};

#define RECORDED_NONE ((struct recorded){.size = -1, .nfiles = -1})

enum dep_kind {
	DEP_FILE,    /* a file or a directory of the work tree, or an absolute path */
	DEP_PARAMS,  /* keys of a parameter file */
	DEP_REPO,    /* import: `repo` */
	DEP_URL,     /* another scheme */
	DEP_DATASET, /* ds://name */
	DEP_DB,
};

struct dep {
	enum dep_kind kind;
	const char *path;     /* as written */
	const char *abs_path; /* normalized; NULL for DEP_URL and DEP_DATASET */
	struct recorded rec;
	/* DEP_PARAMS: the keys asked for (none: the whole file), and what the lock file has (NULL:
	 * nothing) */
	const char *const *keys;
	size_t key_count;
	const struct value *locked;    /* DEP_DATASET: the record of the dataset */
	const struct value *repo;      /* DEP_REPO */
	const struct value *fs_config; /* DEP_URL */
	const struct value *raw;       /* the entry as written, for rewriting */
};

/* What a dry run, which makes nothing, has foreseen for a stage. */
enum stage_fate {
	FATE_NONE,     /* nothing changes, or it is not a part of the run */
	FATE_RESTORED, /* its outputs would be as they are recorded */
	FATE_RUN,
};

enum out_kind { OUT_PLAIN, OUT_METRIC, OUT_PLOT };

struct stage;

struct out {
	struct stage *stage;
	enum out_kind kind;
	const char *path;     /* as written */
	const char *abs_path; /* normalized; NULL for another scheme */
	struct recorded rec;
	bool cache, persist, push;
	bool has_links; /* when it was saved, there were links (of either kind), which become files
			   of their own */
	const char *remote;                /* the one remote that it uses, or NULL */
	const char *desc, *type;           /* or NULL */
	const struct value *labels, *meta; /* or NULL */
	const struct value *plot; /* properties of a plot (a map or a list of maps), or NULL */
	const struct value *fs_config;
	const struct value *raw;
};

struct stage {
	const char *name; /* NULL for a .dvc file */
	const char *file; /* absolute path of its dvc.yaml or .dvc file */
	const char *dir;  /* absolute directory of that file */
	const char *root; /* of the repository; outlives the stage */
	const char
		*wdir; /* absolute working directory; paths of deps and outs are relative to it */
	const char *wdir_written; /* or NULL */
	const struct value *cmd;  /* a string, a list of strings, or NULL */
	bool frozen, always_changed;
	bool locked;      /* dvc.lock has an entry for it */
	bool cmd_changed; /* the command differs from the lock's */
	enum stage_fate fate;
	const char *desc;
	const struct value *meta;
	const char *md5;      /* of a .dvc file of an import, or NULL */
	VEC(struct dep) deps; /* files first, then params, in DVC's order */
	VEC(struct out) outs;
	const struct value
		*definition; /* the resolved entry of dvc.yaml; the whole document of a .dvc file */
	size_t order;        /* position in the index */
};

static inline bool stage_is_data_source(const struct stage *s)
{
	return s->cmd == NULL;
}

static inline bool stage_is_import(const struct stage *s)
{
	return !s->cmd && s->deps.count == 1 && s->outs.count == 1;
}

static inline bool stage_is_repo_import(const struct stage *s)
{
	return stage_is_import(s) && s->deps.items[0].kind == DEP_REPO;
}

/* A command that is there and not empty. */
static inline bool stage_has_command(const struct stage *s)
{
	return s->cmd && (value_is_list(s->cmd) ? value_count(s->cmd) > 0
						: !value_str(s->cmd) || *value_str(s->cmd));
}

/* No dependencies and no outputs: it runs every time. */
static inline bool stage_is_callback(const struct stage *s)
{
	return stage_has_command(s) && s->deps.count == 0 && s->outs.count == 0;
}

/* "train", "sub/dvc.yaml:train", "data.csv.dvc": relative to `cwd`, as messages and DVC_STAGE have
 * it. Heap string. */
char *stage_addressing(const struct stage *s, const char *cwd);

/* An output as messages show it: relative to the working directory, absolute when it lies outside.
 * Heap string. */
char *out_display(const struct repo *repo, const struct out *o);

/* A dependency likewise; "path (url)" for one of another repository. */
char *dep_display(const struct repo *repo, const struct dep *dep);

#endif
