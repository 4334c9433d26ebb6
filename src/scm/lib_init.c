/*
 * A call from one shared library to another goes through a slot of the caller, which the dynamic
 * linker fills (ELF, DT_JMPREL). Two slots of libgit2 are replaced while it is initialized.
 */
#include "scm/lib_init.h"

#include <stddef.h>

#if !defined(STATIC_LIBS) && defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base.h"

#ifdef __x86_64__
enum { JUMP_SLOT = R_X86_64_JUMP_SLOT };
#else
enum { JUMP_SLOT = R_AARCH64_JUMP_SLOT };
#endif

static int no_certificates(void *chain, const char *path)
{
	(void)chain;
	(void)path;
	return 0;
}

static int no_ssh(int flags)
{
	(void)flags;
	return 0;
}

static struct call {
	const char *symbol;
	void *instead;
	void **slot; /* NULL: this libgit2 does not call it */
	void *original;
} calls[] = {
	{.symbol = "mbedtls_x509_crt_parse_file", .instead = (void *)no_certificates},
	{.symbol = "libssh2_init", .instead = (void *)no_ssh},
};

/* What the dynamic section says of the calls to other libraries. */
struct jumps {
	const ElfW(Rela) * relocations;
	size_t bytes;
	const ElfW(Sym) * symbols;
	const char *strings;
};

/* glibc has added the load address to the addresses in the section, musl has not. */
static const void *address_of(const struct link_map *map, ElfW(Addr) value)
{
	return (const void *)(value < map->l_addr ? map->l_addr + value : value);
}

static struct jumps jumps_of(const struct link_map *map)
{
	struct jumps j = {0};
	for (const ElfW(Dyn) *d = map->l_ld; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_JMPREL)
			j.relocations = address_of(map, d->d_un.d_ptr);
		else if (d->d_tag == DT_PLTRELSZ)
			j.bytes = d->d_un.d_val;
		else if (d->d_tag == DT_SYMTAB)
			j.symbols = address_of(map, d->d_un.d_ptr);
		else if (d->d_tag == DT_STRTAB)
			j.strings = address_of(map, d->d_un.d_ptr);
	}
	return j;
}

static void find_slots(const struct link_map *map)
{
	const struct jumps j = jumps_of(map);
	if (!j.relocations || !j.symbols || !j.strings)
		return;
	for (size_t i = 0; i < j.bytes / sizeof(*j.relocations); i++) {
		const ElfW(Rela) *r = &j.relocations[i];
		if (ELF64_R_TYPE(r->r_info) != JUMP_SLOT)
			continue;
		const char *name = j.strings + j.symbols[ELF64_R_SYM(r->r_info)].st_name;
		for (size_t k = 0; k < ARRAY_SIZE(calls); k++) {
			if (strcmp(name, calls[k].symbol) == 0)
				calls[k].slot = (void **)(map->l_addr + r->r_offset);
		}
	}
}

/* The part of a library that the dynamic linker makes read-only once it has filled it. */
struct read_only {
	ElfW(Addr) base; /* of the library that is looked for */
	ElfW(Addr) start, end;
};

static int note_read_only(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct read_only *part = arg;
	(void)size;
	if (info->dlpi_addr != part->base)
		return 0;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		if (p->p_type != PT_GNU_RELRO)
			continue;
		part->start = part->base + p->p_vaddr;
		part->end = part->start + p->p_memsz;
	}
	return 1;
}

/* Write a slot; one that is read-only is writable only meanwhile. */
static bool set_slot(const struct read_only *part, void **slot, void *value)
{
	ElfW(Addr) at = (ElfW(Addr))slot;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *start = (void *)(at & ~((ElfW(Addr))page - 1));
	bool is_protected = at >= part->start && at < part->end;

	if (is_protected && mprotect(start, page, PROT_READ | PROT_WRITE) < 0)
		return false;
	*slot = value;
	if (is_protected)
		(void)mprotect(start, page, PROT_READ); /* only a protection, the call works */
	return true;
}

int scm_lib_init(void *handle, int (*init)(void))
{
	struct link_map *map = NULL;
	struct read_only part = {0};

	if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || !map)
		return init();
	find_slots(map);
	part.base = map->l_addr;
	(void)dl_iterate_phdr(note_read_only, &part);

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct call *c = &calls[i];
		if (c->slot)
			c->original = *c->slot;
		if (c->slot && !set_slot(&part, c->slot, c->instead))
			c->slot = NULL;
	}
	int r = init();
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (calls[i].slot)
			(void)set_slot(&part, calls[i].slot, calls[i].original);
	}
	return r;
}

#else

int scm_lib_init(void *handle, int (*init)(void))
{
	(void)handle;
	return init();
}

#endif
