/* The content of dvc.yaml, dvc.lock and .dvc files: stages with their dependencies and outputs.
 * Everything lives in the arena of the index that loaded it; strings are borrowed from there. */
#ifndef PROJECT_STAGE_H
#define PROJECT_STAGE_H

#include "base/vec.h"
#include "text/value.h"

struct repo;

/* The recorded facts of a path, from dvc.lock or from an entry of a .dvc file. */
struct recorded {
	const char *hash_name; /* "md5", "md5-dos2unix" (2.x), "etag", "checksum"; NULL: no hash */
	const char *hash;      /* lower case; that of a directory ends with ".dir" */
	int64_t size;          /* bytes, -1: not recorded */
	int64_t nfiles;        /* -1: not recorded, or not a directory */
	bool isexec;
	const char *version_id;    /* version of a cloud object, or NULL */
	const struct value *files; /* list of the files of a cloud-versioned directory, or NULL */
	const struct value *cloud; /* versions on each remote, or NULL */
};

#define RECORDED_NONE ((struct recorded){.size = -1, .nfiles = -1})

enum dep_kind {
	DEP_FILE,    /* a file or directory in the work tree, or an absolute path */
	DEP_PARAMS,  /* keys of a parameter file */
	DEP_REPO,    /* import from another repository, see `repo` */
	DEP_URL,     /* a path with a scheme */
	DEP_DATASET, /* ds://name */
	DEP_DB,
};

struct dep {
	enum dep_kind kind;
	const char *path;     /* as written */
	const char *abs_path; /* normalized; NULL for DEP_URL and DEP_DATASET */
	struct recorded rec;
	/* DEP_PARAMS: the keys asked for (none: the whole file), and their values in the lock file
	 * (NULL: none). */
	const char *const *keys;
	size_t key_count;
	const struct value *locked;    /* also DEP_DATASET: the record of the dataset */
	const struct value *repo;      /* DEP_REPO */
	const struct value *fs_config; /* DEP_URL */
	const struct value *raw;       /* the entry as written, for writing it again */
};

/* The result that a dry run predicts for a stage. */
enum stage_fate {
	FATE_NONE,     /* nothing changes, or the stage is not part of the run */
	FATE_RESTORED, /* the outputs would become as recorded */
	FATE_RUN,
};

enum out_kind { OUT_PLAIN, OUT_METRIC, OUT_PLOT };

struct stage;

struct out {
	struct stage *stage;
	enum out_kind kind;
	const char *path;     /* as written */
	const char *abs_path; /* normalized; NULL for a path with a scheme */
	struct recorded rec;
	bool cache, persist, push;
	bool has_links; /* it contained links of either kind when it was saved; these become plain
			   files */
	const char *remote;                /* name of the only remote that it uses, or NULL */
	const char *desc, *type;           /* or NULL */
	const struct value *labels, *meta; /* or NULL */
	const struct value *plot; /* properties of a plot (a map or a list of maps), or NULL */
	const struct value *fs_config;
	const struct value *raw;
};

struct stage {
	const char *name; /* NULL for a .dvc file */
	const char *file; /* absolute path of the dvc.yaml or .dvc file */
	const char *dir;  /* absolute path of that file's directory */
	const char *root; /* root of the repository; outlives the stage */
	const char *
		wdir; /* absolute working directory, to which paths of deps and outs are relative */
	const char *wdir_written; /* as written, or NULL */
	const struct value *cmd;  /* a string, a list of strings, or NULL */
	bool frozen, always_changed;
	bool locked;      /* dvc.lock has an entry for the stage */
	bool cmd_changed; /* the command differs from that in dvc.lock */
	enum stage_fate fate;
	const char *desc;
	const struct value *meta;
	const char *md5;      /* checksum in the .dvc file of an import, or NULL */
	VEC(struct dep) deps; /* files first, then params, in DVC's order */
	VEC(struct out) outs;
	const struct value
		*definition; /* the resolved entry of dvc.yaml; a .dvc file: its document */
	size_t order;        /* position in the index */
};

/* As in DVC, a stage without a command only holds data. */
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

/* Is the dependency a URL whose versions are recorded, or shall be (import-url --version-aware)? */
bool dep_is_versioned(const struct dep *d);

static inline bool stage_is_versioned_import(const struct stage *s)
{
	return stage_is_import(s) && dep_is_versioned(&s->deps.items[0]);
}

/* Is there a command that is not empty? */
static inline bool stage_has_command(const struct stage *s)
{
	return s->cmd && (value_is_list(s->cmd) ? value_count(s->cmd) > 0
						: !value_str(s->cmd) || *value_str(s->cmd));
}

/* A stage without dependencies and outputs runs every time. */
static inline bool stage_is_callback(const struct stage *s)
{
	return stage_has_command(s) && s->deps.count == 0 && s->outs.count == 0;
}

/* The address of a stage relative to `cwd`, as in messages and in DVC_STAGE: "train",
 * "sub/dvc.yaml:train", "data.csv.dvc". Heap string. */
char *stage_addressing(const struct stage *s, const char *cwd);

/* An output as messages show it: relative to the working directory, absolute when it is outside of
 * the repository. Heap string. */
char *out_display(const struct repo *repo, const struct out *o);

/* The same for a dependency; "path (url)" for one from another repository. */
char *dep_display(const struct repo *repo, const struct dep *dep);

#endif
