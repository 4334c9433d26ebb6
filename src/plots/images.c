/* Names and writes the files of images. */
#include "plots/images.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"

/* A file name from a revision and a path. With `number` above 1 it stands before the suffix. Heap
 * string. */
static char *file_name(const struct plot_image *image, int number)
{
	AUTO(mem_freep) char *plain = mem_printf("%s_%s", image->rev, image->path);
	size_t stem = strlen(plain) - strlen(path_extension(plain));
	char *name = number > 1 ? mem_printf("%.*s-%d%s", (int)stem, plain, number, plain + stem)
				: mem_strdup(plain);
	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '_';
	return name;
}

/* The first name that no other image of this command has. Heap string. */
static char *free_name(const struct plot_image *image, const struct map *taken)
{
	for (int number = 1;; number++) {
		char *name = file_name(image, number);
		const struct plot_image *other = map_get(taken, name);
		if (!other || other->bytes == image->bytes)
			return name;
		free(name);
	}
}

static int write_image(struct plots *p, struct plot_image *image, const char *dir,
	struct map *taken, struct err *err)
{
	AUTO(mem_freep) char *name = free_name(image, taken);
	AUTO(mem_freep) char *path = path_join(dir, name);
	if (!map_has(taken, name)) {
		int r = file_write_if_changed(path, buf_str(image->bytes), image->bytes->len, err);
		if (r < 0)
			return r;
		(void)map_set(taken, name, image);
	}
	image->src = arena_strdup(&p->arena, path);
	return 0;
}

int plot_images_write(struct plots *p, const char *dir, struct err *err)
{
	AUTO(map_release) struct map taken = MAP_INIT;
	AUTO(mem_freep) char *abs = path_absolute(dir);
	VEC_EACH (&p->items, plot)
		VEC_EACH (&plot->images, image) {
			int r = map_next(&taken, NULL) ? 0 : file_mkdirs(abs, err);
			if (r == 0)
				r = write_image(p, image, abs, &taken, err);
			if (r < 0)
				return r;
		}
	return 0;
}
