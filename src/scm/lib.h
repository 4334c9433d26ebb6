/*
 * libgit2, loaded on first use. Relocating it and the libraries it needs costs 5 ms, which a
 * command that needs no Git objects must not pay. `git2.h` provides the types, this table the
 * functions. Internal to scm/.
 */
#ifndef SCM_LIB_H
#define SCM_LIB_H

#include <git2.h>

#include "base/err.h"

/* X(name without "git_") for every function of libgit2 that scm/ calls. */
#define SCM_LIB_FUNCTIONS(X)                                                                       \
	X(blob_create_from_buffer)                                                                 \
	X(blob_create_from_disk)                                                                   \
	X(blob_free)                                                                               \
	X(blob_rawcontent)                                                                         \
	X(blob_rawsize)                                                                            \
	X(commit_author)                                                                           \
	X(commit_create)                                                                           \
	X(commit_free)                                                                             \
	X(commit_lookup)                                                                           \
	X(commit_message_raw)                                                                      \
	X(commit_parent_id)                                                                        \
	X(commit_parentcount)                                                                      \
	X(commit_time)                                                                             \
	X(commit_time_offset)                                                                      \
	X(commit_tree_id)                                                                          \
	X(config_free)                                                                             \
	X(config_get_string)                                                                       \
	X(error_last)                                                                              \
	X(libgit2_init)                                                                            \
	X(libgit2_opts)                                                                            \
	X(object_free)                                                                             \
	X(object_id)                                                                               \
	X(object_lookup)                                                                           \
	X(object_peel)                                                                             \
	X(oid_fromstr)                                                                             \
	X(oid_tostr)                                                                               \
	X(reference_create)                                                                        \
	X(reference_create_matching)                                                               \
	X(reference_ensure_log)                                                                    \
	X(reference_free)                                                                          \
	X(reference_has_log)                                                                       \
	X(reference_is_valid_name)                                                                 \
	X(reference_iterator_free)                                                                 \
	X(reference_iterator_glob_new)                                                             \
	X(reference_lookup)                                                                        \
	X(reference_name)                                                                          \
	X(reference_name_to_id)                                                                    \
	X(reference_next)                                                                          \
	X(reference_remove)                                                                        \
	X(reference_symbolic_create)                                                               \
	X(reference_symbolic_target)                                                               \
	X(reference_target)                                                                        \
	X(reference_type)                                                                          \
	X(reflog_append)                                                                           \
	X(reflog_delete)                                                                           \
	X(reflog_drop)                                                                             \
	X(reflog_entry_byindex)                                                                    \
	X(reflog_entry_id_new)                                                                     \
	X(reflog_entry_message)                                                                    \
	X(reflog_entrycount)                                                                       \
	X(reflog_free)                                                                             \
	X(reflog_read)                                                                             \
	X(reflog_write)                                                                            \
	X(repository_config_snapshot)                                                              \
	X(repository_free)                                                                         \
	X(repository_head_unborn)                                                                  \
	X(repository_open_ext)                                                                     \
	X(repository_path)                                                                         \
	X(repository_workdir)                                                                      \
	X(revparse_single)                                                                         \
	X(revwalk_free)                                                                            \
	X(revwalk_new)                                                                             \
	X(revwalk_next)                                                                            \
	X(revwalk_push)                                                                            \
	X(revwalk_sorting)                                                                         \
	X(signature_free)                                                                          \
	X(signature_now)                                                                           \
	X(tag_tagger)                                                                              \
	X(tree_create_updated)                                                                     \
	X(tree_entry_byindex)                                                                      \
	X(tree_entry_byname)                                                                       \
	X(tree_entry_dup)                                                                          \
	X(tree_entry_filemode)                                                                     \
	X(tree_entry_free)                                                                         \
	X(tree_entry_id)                                                                           \
	X(tree_entry_name)                                                                         \
	X(tree_entry_type)                                                                         \
	X(tree_entrycount)                                                                         \
	X(tree_free)                                                                               \
	X(tree_lookup)                                                                             \
	X(treebuilder_free)                                                                        \
	X(treebuilder_new)                                                                         \
	X(treebuilder_write)

struct scm_lib {
#define X(name) __typeof__(&git_##name) name;
	SCM_LIB_FUNCTIONS(X)
#undef X
};

/* The table, or NULL with ERR_UNSUPPORTED set when libgit2 is not installed. It is loaded once. */
const struct scm_lib *scm_lib(struct err *err);

/* Turn libgit2's last error into ours: GIT_ENOTFOUND is ERR_NOT_FOUND, GIT_EEXISTS is ERR_EXISTS,
 * any other ERR_FAIL. */
int scm_lib_error(int code, struct err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
