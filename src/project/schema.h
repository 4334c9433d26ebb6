/*
 * The shapes of dvc.yaml, dvc.lock and .dvc files, and the check of a document against them: DVC's,
 * with its messages.
 */
#ifndef PROJECT_SCHEMA_H
#define PROJECT_SCHEMA_H

#include "base/err.h"
#include "text/value.h"

enum schema_kind { SCHEMA_PIPELINE, SCHEMA_LOCK, SCHEMA_LOCK_STAGE, SCHEMA_DVC_FILE };

/*
 * `name` is how the file is shown ("./dvc.yaml"); `text` its source, for the excerpt. Fails:
 * ERR_PRETTY with DVC's whole text ("'./dvc.yaml' validation failed." and each problem with its
 * line, column and source).
 */
int schema_check(enum schema_kind kind, const struct value *doc, const char *name, const char *text,
	size_t len, struct err *err);

#endif
