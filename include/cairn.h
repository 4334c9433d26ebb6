/*
 * cairn.h: questions about a repository of cairn or DVC, for programs in any language.
 *
 *     cairn_error error = CAIRN_ERROR_INIT;
 *     cairn_repo *repo;
 *     char *json;
 *
 *     if (cairn_repo_open(".", NULL, &repo, &error) < 0 ||
 *         cairn_query(repo, "metrics", "{\"revs\": [\"v1\", \"v2\"]}", &json, &error) < 0)
 *             fprintf(stderr, "%s: %s\n", error.kind, error.message);
 *
 * Everything here is read-only: it runs no stage, and changes nothing of a repository, its cache or
 * its remotes, except for what cairn remembers to be faster (in .dvc/tmp and the state database).
 * To change something, start the program `cairn`.
 *
 * What a host can rely on:
 *
 * - Threads. A handle (cairn_repo, cairn_file) belongs to one thread at a time; different handles,
 *   also of the same repository, may be used by different threads at the same time.
 *   cairn_repo_cancel() may be called by any thread.
 * - Nothing is printed, no signal handler is set, and the working directory, the umask, the locale,
 *   the environment and the options of libgit2 stay as they are. Nobody is asked for a password.
 *   (So a Git repository that belongs to another user is refused, as libgit2 does, unless
 *   safe.directory allows it.) While a call runs, SIGPIPE is blocked in its thread. Environment
 *   variables are read (HOME, PATH, those of Git and of storage), so do not change them while calls
 *   run.
 * - Processes. Repositories that must be cloned, and ssh:// remotes, are reached by the user's git
 *   and ssh, which are started and waited for. A host that ignores SIGCHLD must not do that while a
 *   call runs. Do not use handles in a forked child.
 * - Memory. What a call returns belongs to the caller, and is freed with cairn_free(). A lack of
 *   memory is not reported as an error; see cairn_on_out_of_memory().
 * - Text is UTF-8, NUL-terminated. A name of a file that is no UTF-8 is passed as it is; in JSON
 *   each byte that is no UTF-8 is a code point from U+DC80 to U+DCFF ("\udcff" for 0xff), as
 *   Python's os.fsdecode() has it. Arguments may have either form.
 * - A local repository may change while a handle is open: each call shows it as it is then.
 *   A repository that was cloned stays as it was when it was opened.
 *
 * Stability: as long as cairn_abi() is 0, functions may still change between versions of cairn. The
 * JSON documents are those of the command line, and follow the promise of docs/programs.md: fields
 * are added, never removed or changed.
 */
#ifndef CAIRN_H
#define CAIRN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CAIRN_API __attribute__((visibility("default")))
#else
#define CAIRN_API
#endif

/* The ABI that this header describes. A program may compare it with cairn_abi(), that of the library
 * that it runs with. */
#define CAIRN_ABI 0
CAIRN_API int cairn_abi(void);
/* "0.1.0" or the like; static. */
CAIRN_API const char *cairn_version(void);

/* Every call that can fail returns 0 or more on success and one of these on failure. */
enum cairn_code {
	CAIRN_FAILED = -1,    /* see `kind` */
	CAIRN_MISUSED = -2,   /* the call itself is wrong: NULL, malformed JSON, an unknown question or
	                         argument */
	CAIRN_CANCELLED = -3, /* by cairn_repo_cancel() */
	CAIRN_MISSING = -4    /* a path, revision, remote, stage ... does not exist; see `kind` */
};

/*
 * Why a call has failed. Initialize it with CAIRN_ERROR_INIT, which notes the size that the program
 * was compiled with. It may be passed to one call after the other: each call first frees what is in
 * it. After success it is empty (code 0). NULL may be passed where the reason does not matter.
 */
typedef struct cairn_error {
	size_t size;
	int code;      /* an enum cairn_code, as the call returned it; 0: none */
	char kind[32]; /* one word, "path-missing"; docs/programs.md lists them; "" for none */
	char *message; /* NULL for none */
	char *hint;    /* what to do about it, or NULL */
} cairn_error;

#define CAIRN_ERROR_INIT {sizeof(cairn_error), 0, {0}, NULL, NULL}

/* Free what is in it. It may be used again. NULL is fine. */
CAIRN_API void cairn_error_clear(cairn_error *error);

typedef struct cairn_repo cairn_repo; /* a repository */
typedef struct cairn_file cairn_file; /* a file that was opened for reading */

/*
 * Open the repository that contains a directory, or one at an address that git can clone (which
 * takes as long as the clone). `options` is a JSON object, or NULL:
 *
 *   "rev"            the revision that questions are about: a branch, tag, commit or experiment. It
 *                    is looked up in each call. Without it: the work tree, of a clone the default
 *                    branch.
 *   "remote"         the name of the remote to use
 *   "config"         a path of a configuration file, or an object, merged into the configuration
 *   "remote_config"  an object with options of the remote
 *
 * On success *repo is for cairn_repo_close().
 */
CAIRN_API int cairn_repo_open(
	const char *dir_or_url, const char *options, cairn_repo **repo, cairn_error *error);
/* Files that were opened stay usable. NULL is fine. */
CAIRN_API void cairn_repo_close(cairn_repo *repo);
/* Let the call that runs in another thread end soon, with CAIRN_CANCELLED. When none runs, nothing
 * happens. */
CAIRN_API void cairn_repo_cancel(cairn_repo *repo);

/*
 * Ask a question. `arguments` is a JSON object, or NULL for none; *json is the answer, in one line,
 * for cairn_free(). Paths are relative to the root of the repository. The answer is what the command
 * in the last column prints (in the root of the repository).
 *
 *   question    arguments (string, [list of strings or string], flag?, number#)   command
 *   "metrics"   [targets] [revs] all_branches? all_tags? all_commits? fail?       metrics show
 *   "params"    the same, deps? [stages]                                          params show
 *   "exp"       [revs] num# all_branches? all_tags? all_commits? param_deps?
 *               sha? force?                                                       exp show
 *   "artifact"  name version stage                                                artifacts show
 *   "dataset"   name                                                              dataset show
 *   "revs"      branches? tags? commits? experiments?                             revs
 *   "stages"    [targets] all? recursive?                                         stage list
 *   "status"    [targets] with_deps? recursive? no_updates? cloud? remote         status
 *   "list"      path recursive? dvc_only? subrepos? level#                        list
 *   "resolve"   [paths]                                                           resolve
 *   "version"                                                                     version
 */
CAIRN_API int cairn_query(cairn_repo *repo, const char *question, const char *arguments, char **json,
	cairn_error *error);

/*
 * Open a file, tracked by cairn or by Git, wherever its content is: in the work tree, a commit, the
 * cache or a remote. `rev` NULL: the revision of the repository. What only a remote has is fetched
 * here, checked, and kept in a temporary file that disappears by itself. The file does not depend on
 * the repository any more.
 */
CAIRN_API int cairn_file_open(cairn_repo *repo, const char *path, const char *rev, cairn_file **file,
	cairn_error *error);
CAIRN_API int64_t cairn_file_size(const cairn_file *file); /* bytes; CAIRN_MISUSED for NULL */
/* Read up to `size` bytes at `offset` into `buffer`. Returns their number, and 0 at the end. */
CAIRN_API int64_t cairn_file_read(
	cairn_file *file, void *buffer, size_t size, int64_t offset, cairn_error *error);
/* A descriptor to read from or to map, valid until the file is closed; its offset is of no
 * importance to cairn_file_read(). -1 when there is none: the content is in memory, because it was
 * stored by Git. */
CAIRN_API int cairn_file_fd(const cairn_file *file);
CAIRN_API void cairn_file_close(cairn_file *file); /* NULL is fine */

CAIRN_API void cairn_free(void *memory); /* what a call has returned; NULL is fine */

/* Called when there is no memory, with the size that was asked for (0: it is not known), by any thread. It must end the
 * process or jump out of the call (whose handles are then lost), and must not allocate. NULL, and
 * returning: abort(). For the whole process. */
CAIRN_API void cairn_on_out_of_memory(void (*handler)(size_t size));

#ifdef __cplusplus
}
#endif

#endif
