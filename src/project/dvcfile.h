/*
 * Writing .dvc files: a new one in DVC's canonical form, byte for byte; one that is there already
 * by position, so that comments and what the user added stay.
 */
#ifndef PROJECT_DVCFILE_H
#define PROJECT_DVCFILE_H

#include "project/repo.h"
#include "project/stage.h"

/* A stage for a .dvc file that is not there yet: one output, nothing recorded. Lives in `a`. `path`
 * is below `file`'s directory. */
struct stage *dvcfile_new_stage(struct arena *a, const char *file, const char *path);

/*
 * Read the .dvc file at `path` (of any name). The stage lives in `a`; release it with
 * stage_release(). Fails: ERR_NOT_FOUND "'x.dvc' does not exist", ERR_PRETTY, ERR_PARSE, ERR_IO.
 */
int dvcfile_load(
	struct repo *repo, struct arena *a, const char *path, struct stage **out, struct err *err);

/*
 * Write what is recorded in the stage's outputs to its file, and note it with repo_track(). Returns
 * 1 when the file changed, 0 when it said so already. Fails: ERR_IO; ERR_PARSE when the file has
 * become unreadable.
 */
int dvcfile_save(struct repo *repo, const struct stage *s, struct err *err);
/* Before saving a stage that was recorded anew: an import gets a checksum, and any other .dvc file
 * loses the one that somebody wrote. */
void dvcfile_renew_md5(struct stage *s);
/* The text that dvcfile_save() would write, appended; no file changes. Returns 1 when it is another
 * than the file's. */
int dvcfile_format(struct repo *repo, const struct stage *s, struct buf *out, struct err *err);
/* As dvcfile_save(), but what a person wrote is taken from the file `text_of`. */
int dvcfile_save_as(struct repo *repo, const struct stage *s, const char *text_of, struct err *err);

/* The same, but the checksum of an import stays as it is: DVC leaves it in `update --to-remote`. */
int dvcfile_save_keep_md5(struct repo *repo, const struct stage *s, struct err *err);
/*
 * Forget what is recorded in the outputs and save that. The checksum of an import stays the one
 * with the data, so that the stage counts as changed: as DVC has it after `update --no-download`.
 */
int dvcfile_save_without_data(struct repo *repo, struct stage *s, struct err *err);

/* Does the path end as that of a .dvc file or of a dvc.yaml? */
bool dvcfile_has_name(const char *path);

/* Does the checksum of an import disagree with its file (somebody edited it, or it never ran), or
 * has any other file one? */
bool dvcfile_is_changed(const struct stage *s);

/* Put the recorded facts into an entry of a .dvc file, in DVC's order when the entry is new. */
void dvcfile_set_recorded(struct arena *a, struct value *entry, const struct recorded *rec);

/* The checksum of an import stage: the MD5 of its document without what does not change its data.
 */
void dvcfile_import_md5(const struct value *document, char out_hex[33]);

#endif
