/* The shapes of dvc.yaml, dvc.lock and .dvc files, and a check of documents against them, with
 * DVC's messages. */
#ifndef PROJECT_SCHEMA_H
#define PROJECT_SCHEMA_H

#include "base/err.h"
#include "text/value.h"

enum schema_kind { SCHEMA_PIPELINE, SCHEMA_LOCK, SCHEMA_LOCK_STAGE, SCHEMA_DVC_FILE };

/*
 * Check a document. `name` is the file's name in messages ("./dvc.yaml"), `text` its source, from
 * which lines are shown. Fails: ERR_PARSE with a page, DVC's complete text ("'./dvc.yaml'
 * validation failed." and each problem with its line, column and source).
 */
int schema_check(enum schema_kind kind, const struct value *doc, const char *name, const char *text,
	size_t len, struct err *err);

#endif
