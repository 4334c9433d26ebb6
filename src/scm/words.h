/* The words of which names of experiments are made: adjectives of five letters, nouns of four. */
#ifndef SCM_WORDS_H
#define SCM_WORDS_H

#include <stddef.h>

size_t words_adjective_count(void);
size_t words_noun_count(void);
const char *words_adjective(size_t at);
const char *words_noun(size_t at);

#endif
