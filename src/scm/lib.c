#include "scm/lib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "scm/lib_init.h"

/* Written once by open_once(), then read-only. */
static struct scm_lib table;
static bool ready;
static char *why_not; /* reason, when libgit2 is not usable */
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* libgit2's ABI changes with the minor version. These are the versions for which the types in
 * git2.h are right. */
static const char *const names[] = {"libgit2.so.1.5", "libgit2.so.1.6", "libgit2.so.1.7",
	"libgit2.so.1.8", "libgit2.so.1.9", "libgit2.dylib"};

/* A library that exists but cannot be loaded, for lack of memory or descriptors, is reported as
 * that and not as missing. */
static void note_failure(const char *why)
{
	if (why && !why_not && !strstr(why, "No such file or directory"))
		why_not = mem_printf("unable to load libgit2: %s", why);
}

/* Runs once; table, ready and why_not are written here only. */
static void open_once(void)
{
	void *handle = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !handle; i++) {
		handle = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
		if (!handle)
			note_failure(dlerror());
	}
	if (!handle) {
		if (!why_not)
			why_not = mem_strdup("libgit2 is not installed (package libgit2-1.5)");
		return;
	}
#define X(name)                                                                                    \
	*(void **)&table.name = dlsym(handle, "git_" #name);                                       \
	if (!table.name) {                                                                         \
		why_not = mem_strdup("this libgit2 has no function git_" #name);                   \
		return;                                                                            \
	}
	/* every function must exist, so that no call needs a check */
	SCM_LIB_FUNCTIONS(X)
#undef X
	scm_lib_init(handle, table.libgit2_init);
	/* git itself decides whether to work in a repository of another user (shared machines,
	 * containers); libgit2 must not refuse it on its own. */
	table.libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	/* Do not hash each object again when it is read: that doubles the time of a table of
	 * experiments. */
	table.libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	ready = true;
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
