/* Logging of a training: the metrics by name, and the cells of their histories. */
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "ops/live_int.h"

struct live_metric *live_metric(struct live *l, const char *name)
{
	uintptr_t known = (uintptr_t)map_get(&l->by_name, name);
	if (known)
		return &l->metrics.items[known - 1];
	struct live_metric *m = vec_push(&l->metrics);
	m->name = mem_strdup(name);
	(void)map_set(&l->by_name, name, (void *)(uintptr_t)l->metrics.count);
	return m;
}

void live_add_cell(struct buf *out, const char *text)
{
	if (!text[strcspn(text, "\t\r\n\"")]) {
		buf_adds(out, text);
		return;
	}
	buf_addc(out, '"');
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			buf_addc(out, '"');
		buf_addc(out, *p);
	}
	buf_addc(out, '"');
}

/* Does the line log a metric of this name? */
static bool line_has(const struct value *line, const char *name)
{
	static const char *const keys[] = {"metrics", "summary"};
	for (size_t i = 0; line && i < ARRAY_SIZE(keys); i++) {
		const struct value *metrics = value_get(line, keys[i]);
		if (metrics && metrics->kind == VALUE_MAP && value_get(metrics, name))
			return true;
	}
	return false;
}

int live_check_folders(
	const struct live *l, const struct value *line, const char *name, struct err *err)
{
	AUTO(mem_freep) char *above = mem_strdup(name);
	for (char *slash = strrchr(above, '/'); slash; slash = strrchr(above, '/')) {
		*slash = '\0';
		if (map_has(&l->by_name, above) || line_has(line, above))
			return err_set(err, ERR_VALUE,
				"'%s' is a metric, so it has no metric '%s' below it", above, name);
	}
	size_t len = strlen(name);
	for (size_t i = 0; i < l->metrics.count && !map_has(&l->by_name, name); i++) {
		const char *other = l->metrics.items[i].name;
		if (strncmp(other, name, len) == 0 && other[len] == '/')
			return err_set(err, ERR_VALUE,
				"'%s' is a folder of metrics ('%s'), so it is no metric", name,
				other);
	}
	return 0;
}
