#include "scm/lib.h"

#include <pthread.h>
#include <stdarg.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/dynamic.h"
#include "scm/lib_init.h"
#include "scm/scm.h"

/* Written once by open_once(), then read-only. */
static struct scm_lib table;
static bool ready;
static char *why_not; /* reason, when libgit2 is not usable */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_program; /* scm_set_program() */

/* libgit2's ABI changes with the minor version. These are the versions for which the types in
 * git2.h are right. */
static const char *const names[] = {"libgit2.so.1.5", "libgit2.so.1.6", "libgit2.so.1.7",
	"libgit2.so.1.8", "libgit2.so.1.9", "libgit2.dylib", NULL};

void scm_set_program(void)
{
	is_program = true;
}

bool scm_is_program(void)
{
	return is_program;
}

/* Runs once; table, ready and why_not are written here only. */
static void open_once(void)
{
	static const struct dynamic_library lib = {names, "libgit2", "libgit2-1.5"};
	/* every function must exist, so that no call needs a check */
	static const struct dynamic_symbol symbols[] = {
#define X(name) DYNAMIC_SYMBOL(git_##name, table.name),
		SCM_LIB_FUNCTIONS(X)
#undef X
	};
	void *handle;

	why_not = dynamic_open(&lib, symbols, ARRAY_SIZE(symbols), &handle);
	if (why_not)
		return;
	ready = true;
	if (!is_program) { /* the libgit2 of a host may be the same one: its options are the host's
			    */
		(void)table.libgit2_init();
		return;
	}
	scm_lib_init(handle, table.libgit2_init);
	/* git itself decides whether to work in a repository of another user (shared machines,
	 * containers); libgit2 must not refuse it on its own. */
	table.libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	/* Do not hash each object again when it is read: that doubles the time of a table of
	 * experiments. */
	table.libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
}

const struct scm_lib *scm_lib(struct err *err)
{
	(void)pthread_once(&once, open_once);
	if (ready)
		return &table;
	err_set(err, ERR_UNSUPPORTED, "unable to use Git: %s", why_not);
	return NULL;
}

/* libgit2 keeps its last error per thread. */
int scm_lib_error(int code, struct err *err, const char *fmt, ...)
{
	AUTO(buf_release) struct buf what = BUF_INIT;
	const git_error *last = table.error_last();
	int ours = code == GIT_ENOTFOUND ? ERR_NOT_FOUND
		   : code == GIT_EEXISTS ? ERR_EXISTS
					 : ERR_FAIL;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&what, fmt, ap);
	va_end(ap);
	return err_set(err, ours, "%s: %s", buf_str(&what),
		last && last->message ? last->message : "unknown reason");
}
