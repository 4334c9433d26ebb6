/*
 * What may stand for a word of a command line: the stages, remotes, keys and revisions that there
 * are. Completion offers them, and hints take the nearest one.
 */
#ifndef CMD_WORDS_H
#define CMD_WORDS_H

#include "base/vec.h"
#include "cmd/cmd.h"

struct word {
	char *text;
	char *help; /* one line, or NULL */
};

/* All-zero is empty. */
struct words {
	VEC(struct word) list;
};
void words_release(struct words *w);
/* Copies both; `help` may be NULL. */
void words_add(struct words *w, const char *text, const char *help);

/*
 * Append all words of a kind. `repo` may be NULL (then only what needs none); `beside` is the
 * argument before (WORD_REMOTE_KEY: the remote) or what was typed of the word (WORD_PARAM: a file
 * before ":"), or NULL. Reads only, and what cannot be read has no words. Nothing for WORD_FILE,
 * WORD_DIR and WORD_TEXT.
 */
void words_collect(struct words *w, struct repo *repo, enum word_kind kind, const char *beside);

/* Does any begin so? */
bool words_begin(const struct words *w, const char *prefix);
/* The text nearest to `wrong` (str_nearest_try()), or NULL when none is near; borrowed. */
const char *words_nearest(const struct words *w, const char *wrong);

#endif
