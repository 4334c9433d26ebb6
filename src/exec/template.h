/*
 * Lines with words in braces, which are replaced: `qsub -l ncpus={cpus} {script}`.
 *
 * A word is made of letters, digits and '_'. Everything else in braces stays as it is ("{}",
 * "{a,b}",
 * "{ true; }"), and so does "${name}", which is the shell's. "{{word}}" gives "{word}".
 */
#ifndef EXEC_TEMPLATE_H
#define EXEC_TEMPLATE_H

#include "base/buf.h"

struct template_word {
	const char *name, *text; /* `text` is inserted as it is */
};

/* Append the line with its words replaced. `words` ends with a NULL name. Unknown words stay. */
void template_fill(struct buf *out, const char *line, const struct template_word *words);
/* The first word of the line that is not in the list (the texts are not looked at). Heap string;
 * NULL: all are. */
char *template_unknown(const char *line, const struct template_word *words);
bool template_has(const char *line, const char *name);

#endif
