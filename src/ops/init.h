/* `init`: make a directory a DVC repository. */
#ifndef OPS_INIT_H
#define OPS_INIT_H

#include "base/err.h"

struct init_opts {
	const char *directory; /* NULL: the working directory */
	bool no_scm, force, subdir;
};

/* Create .dvc and .dvcignore, and add them to Git's index (unless no_scm). Fails: ERR_EXISTS,
 * ERR_NOT_FOUND (no Git repository), ERR_FAIL (Git ignores .dvc), ERR_UNSUPPORTED, all with DVC's
 * wording; ERR_IO. */
int ops_init(const struct init_opts *opts, struct err *err);

#endif
