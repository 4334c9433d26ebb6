/* The words that exist for each kind of argument: stages, remotes, keys, revisions. Completion
 * offers them, and hints suggest the nearest one. */
#ifndef CMD_WORDS_H
#define CMD_WORDS_H

#include "base/vec.h"
#include "cmd/cmd.h"

struct word {
	char *text;
	char *help; /* one line, or NULL */
};

/* Zero-initialized is empty. */
struct words {
	VEC(struct word) list;
};
void words_release(struct words *w);
/* Append a copy of a word; `help` may be NULL. */
void words_add(struct words *w, const char *text, const char *help);

/*
 * Append all words of a kind. Without a repository (NULL) only those that need none are appended.
 * `beside` is the previous argument (WORD_REMOTE_KEY: the remote), or what was typed of the word
 * (WORD_PARAM: a file before ":"), or NULL. Only reads; what cannot be read is left out. Nothing
 * for WORD_FILE, WORD_DIR and WORD_TEXT.
 */
void words_collect(struct words *w, struct repo *repo, enum word_kind kind, const char *beside);

/* Does a word begin with the prefix? */
bool words_begin(const struct words *w, const char *prefix);
/* The word most similar to `wrong` (str_nearest_try()); NULL: none is similar. Borrowed. */
const char *words_nearest(const struct words *w, const char *wrong);

#endif
