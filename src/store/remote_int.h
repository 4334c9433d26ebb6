/*
 * Shared by store/remote*.c: remote.c plans what is sent, remote_local.c and remote_net.c send it
 * from a directory to another and over the network, remote_known.c remembers what a remote holds.
 */
#ifndef STORE_REMOTE_INT_H
#define STORE_REMOTE_INT_H

#include <pthread.h>

#include "base/sha256.h"
#include "store/remote.h"
#include "transfer/transfer.h"

/* The paths of objects (remote_object_path()), NULL-ended; for AUTO(remote_paths_free). */
char **remote_object_paths(const struct oid_list *objects);
void remote_paths_free(char ***paths);
/* The object that is at a path of a remote; false for other files. */
bool remote_parse_path(const char *path, enum hash_name hash, struct oid *out);

struct transfer_opts remote_transfer_opts(const struct remote *r, int jobs);

/* Where the content of an object is in a cloud-versioned remote (store/versions.h). */
struct version_place {
	const char *path, *version; /* as in struct fs_get; borrowed */
	struct fs_stat now;         /* after a push: what the place told of the new version */
};

/* Count an object that could not be sent. `path`: in the workspace; NULL: not known yet. */
void remote_add_failure(
	struct remote_result *out, const struct oid *o, const char *path, const struct err *why);

/* Objects on their way. */
struct sending {
	const struct cache *cache; /* of this machine */
	struct remote *remote;
	bool is_push;
	const struct remote_opts *opts;
	/* Called for each object, from any thread, one at a time: the result, and the reason of a
	 * failure. */
	void (*report)(void *arg, const struct oid *o, int code, const struct err *why);
	void *arg;
	/* Of each object; NULL: at the paths of the object store. */
	struct version_place *places;
	/* The path of an object in the workspace, as a heap string, or NULL. May be NULL. From any
	 * thread. */
	char *(*name)(void *arg, const struct oid *o);
};
/* Send objects, each of which the source is believed to have. Fails when going on makes no sense;
 * failures of single objects are only reported. */
int remote_send(const struct sending *s, const struct oid_list *objects, struct err *err);
int remote_send_local(const struct sending *s, const struct oid_list *objects, struct err *err);
int remote_send_net(const struct sending *s, const struct oid_list *objects, struct err *err);
/* Copy an object between a cache and a local remote, checked as its mode, `opts` and the recorded
 * size demand. */
int remote_copy_local(const struct sending *s, const struct oid *o, struct err *err);

/* Does `bytes` have the name `o`? Fails: ERR_CORRUPT. */
int remote_check_bytes(const struct oid *o, const struct buf *bytes, struct err *err);

/* Ask a remote behind a driver which of `wanted` (sorted) it lacks, whatever is remembered. */
int remote_ask(struct remote *r, const struct oid_list *wanted, struct oid_list *out_missing,
	struct err *err);

/* The remote in our memories: a digest, as the URL may contain a password. The same bucket at
 * another endpoint is another place. */
void remote_key(const struct remote *r, char out[SHA256_HEX + 1]);

/* What the remote was seen to hold, sorted. Empty when nothing is remembered. */
void remote_known_load(struct remote *r, struct oid_list *out);
void remote_known_save(struct remote *r, const struct oid_list *known);
/* Add to what is remembered. */
void remote_known_add(struct remote *r, const struct oid_list *more);
/* Forget these: they were not there. */
void remote_known_drop(struct remote *r, const struct oid_list *gone);

#endif
