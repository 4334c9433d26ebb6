/* Transfers data from outside the workspace to a remote or to the cache (--to-remote, --out). */
#ifndef DATA_TO_REMOTE_H
#define DATA_TO_REMOTE_H

#include "project/repo.h"
#include "project/stage.h"

struct transfer_target {
	const char *remote;  /* NULL: the default remote */
	const char *command; /* the user's command, for DVC's advice when there is no remote */
	int jobs;            /* transfers at the same time; 0: the default */
};
/* Send the file or directory at the absolute path `from` to a remote, and record it in the output
 * (strings in `a`). Neither cache nor workspace change. Fails: ERR_FAIL (`from` is missing, or some
 * files failed), as remotes_get(), ERR_IO. */
int transfer_to_remote(struct repo *repo, struct arena *a, const char *from, struct out *o,
	const struct transfer_target *to, struct err *err);
/* Store the file or directory in the cache, check it out at the output's path, replacing what is
 * there, and record it. Fails: ERR_FAIL (`from` is missing), ERR_IO. */
int transfer_to_cache(
	struct repo *repo, struct arena *a, const char *from, struct out *o, struct err *err);

/* The same for data at a URL over the network (data/far.h), which goes through this machine once.
 * `dep` (may be NULL) gets what a dependency on it records. Fails: also the codes of fs/fs.h. */
struct far_source {
	const char *url;
	const struct value *fs_config; /* or NULL */
};
int transfer_far_to_remote(struct repo *repo, struct arena *a, const struct far_source *from,
	struct out *o, struct recorded *dep, const struct transfer_target *to, struct err *err);
int transfer_far_to_cache(struct repo *repo, struct arena *a, const struct far_source *from,
	struct out *o, int jobs, struct err *err);

#endif
