/* Writes .dvc files. A new file has DVC's canonical form, byte for byte. In an existing file only
 * the changed values are edited in place, so that comments and whatever the user added are kept. */
#ifndef PROJECT_DVCFILE_H
#define PROJECT_DVCFILE_H

#include "project/repo.h"
#include "project/stage.h"

/* Make a stage for a .dvc file that does not exist yet, with one output and nothing recorded. It
 * lives in `a`. `path` is relative to the directory of `file`. */
struct stage *dvcfile_new_stage(struct arena *a, const char *file, const char *path);

/* Read the .dvc file at `path`, whatever its name. The stage lives in `a`; release it with
 * stage_release(). Fails: ERR_NOT_FOUND "'x.dvc' does not exist", ERR_PARSE, ERR_IO. */
int dvcfile_load(
	struct repo *repo, struct arena *a, const char *path, struct stage **out, struct err *err);

/*
 * Write the recorded facts of the stage's outputs to its file, and report the file with
 * repo_track(). Returns 1 if the file changed, 0 if it had this content. Fails: ERR_IO; ERR_PARSE
 * when the file cannot be parsed any more.
 */
int dvcfile_save(struct repo *repo, const struct stage *s, struct err *err);
/* Called before a stage with newly recorded facts is saved: an import gets a new checksum, and any
 * other stage loses one that its .dvc file may have. */
void dvcfile_renew_md5(struct stage *s);
/* Append the text that dvcfile_save() would write, without changing the file. Returns 1 when it
 * differs from the file's text. */
int dvcfile_format(struct repo *repo, const struct stage *s, struct buf *out, struct err *err);
/* As dvcfile_save(), but comments and other additions are taken from the file `text_of`. */
int dvcfile_save_as(struct repo *repo, const struct stage *s, const char *text_of, struct err *err);

/* As dvcfile_save(), but an import keeps its checksum, as DVC does in `update --to-remote`. */
int dvcfile_save_keep_md5(struct repo *repo, const struct stage *s, struct err *err);
/* Remove the recorded facts of the outputs and save that. An import keeps the checksum that it has
 * with the data, so that the stage counts as changed, as in DVC after `update --no-download`. */
int dvcfile_save_without_data(struct repo *repo, struct stage *s, struct err *err);

/* Is this the name of a .dvc file or a dvc.yaml? */
bool dvcfile_has_name(const char *path);

/* Does the checksum of an import not match its file (the file was edited, or the import never ran)?
 * For any other stage: has its file a checksum at all? */
bool dvcfile_is_changed(const struct stage *s);

/* Put the recorded facts into an entry of a .dvc file; in a new entry the keys are in
 * DVC's order. */
void dvcfile_set_recorded(struct arena *a, struct value *entry, const struct recorded *rec);

/* The checksum of an import stage: the MD5 of its document without the keys that do not affect the
 * data. */
void dvcfile_import_md5(const struct value *document, char out_hex[33]);

#endif
