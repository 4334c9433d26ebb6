/* Opens a shared library and finds its functions. */
#include "base/dynamic.h"

#include <dlfcn.h>

#include "base/alloc.h"

char *dynamic_open(const char *const *names, const char *what, const char *package,
	const struct dynamic_symbol *symbols, size_t count)
{
	void *handle = NULL;
	AUTO(mem_freep) char *why = NULL;

	for (; *names && !handle; names++) {
		handle = dlopen(*names, RTLD_LAZY | RTLD_LOCAL);
		const char *reason = handle ? NULL : dlerror();
		/* one that exists and cannot be loaded is reported as that and not as missing */
		if (reason && !why && !strstr(reason, "No such file or directory"))
			why = mem_printf("unable to load %s: %s", what, reason);
	}
	if (!handle)
		return why ? TAKE(why)
			   : mem_printf("%s is not installed (package %s)", what, package);

	for (size_t i = 0; i < count; i++) {
		*symbols[i].out = dlsym(handle, symbols[i].name);
		if (!*symbols[i].out)
			return mem_printf("this %s has no function %s", what, symbols[i].name);
	}
	return NULL;
}
