/* Finds the functions of a library that is linked, or of one that is opened. */
#include "base/dynamic.h"

#include <dlfcn.h>

#include "base/alloc.h"

#ifdef STATIC_LIBS

char *dynamic_open(const struct dynamic_library *lib, const struct dynamic_symbol *symbols,
	size_t count, void **out_handle)
{
	(void)lib;
	for (size_t i = 0; i < count; i++)
		*symbols[i].out = symbols[i].linked;
	if (out_handle)
		*out_handle = NULL;
	return NULL;
}

#else

char *dynamic_open(const struct dynamic_library *lib, const struct dynamic_symbol *symbols,
	size_t count, void **out_handle)
{
	void *handle = NULL;
	AUTO(mem_freep) char *why = NULL;

	for (const char *const *name = lib->names; *name && !handle; name++) {
		handle = dlopen(*name, RTLD_LAZY | RTLD_LOCAL);
		const char *reason = handle ? NULL : dlerror();
		/* one that exists and cannot be loaded is reported as that and not as missing */
		if (reason && !why && !strstr(reason, "No such file or directory"))
			why = mem_printf("unable to load %s: %s", lib->what, reason);
	}
	if (!handle)
		return why ? TAKE(why)
			   : mem_printf(
				     "%s is not installed (package %s)", lib->what, lib->package);

	for (size_t i = 0; i < count; i++) {
		*symbols[i].out = dlsym(handle, symbols[i].name);
		if (!*symbols[i].out)
			return mem_printf("this %s has no function %s", lib->what, symbols[i].name);
	}
	if (out_handle)
		*out_handle = handle;
	return NULL;
}

#endif
