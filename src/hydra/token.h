/*
 * Tokens that Hydra's grammar of overrides and OmegaConf's grammar of interpolations share. Each
 * function returns the length of its token at the beginning of `s`, 0 when there is none. Pure.
 *
 * Source: https://hydra.cc/docs/advanced/override_grammar/basic/ and
 * https://omegaconf.readthedocs.io/en/2.3_branch/grammar.html
 */
#ifndef HYDRA_TOKEN_H
#define HYDRA_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

static inline bool token_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool token_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

size_t token_blank_len(const char *s);
size_t token_int_len(const char *s);   /* with a sign; 1_000 */
size_t token_float_len(const char *s); /* inf, nan, or a number with a point or an exponent */
size_t token_word_len(const char *s, const char *word); /* in any case */
size_t token_id_len(const char *s);
size_t token_escape_len(const char *s); /* a run of escaped characters */

#endif
