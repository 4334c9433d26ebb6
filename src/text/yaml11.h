/*
 * YAML as OmegaConf reads and writes it: PyYAML's types, which are those of YAML 1.1 (yes and off
 * are booleans, 010 is eight, 1:30 is ninety), with floats like 1e5 and without dates; strings that
 * occur twice as a key are refused. Writing follows PyYAML's dumper in block style, byte for byte.
 *
 * Source of the format: https://yaml.org/type/ and OmegaConf 2.3.
 */
#ifndef TEXT_YAML11_H
#define TEXT_YAML11_H

#include "text/yaml.h"

/* As yaml_load() (text/yaml.h), with the types above. */
int yaml11_load(struct arena *a, const char *path, const char *text, size_t len, struct value **out,
	struct err *err);

/* As yaml_resolve() and yaml_construct(). */
enum yaml_type yaml11_resolve(const char *s, size_t len);
struct value *yaml11_construct(struct arena *a, enum yaml_type type, const char *s, size_t len);

/* Append `v` as a document, 80 columns wide, keys in their order, without aliases. */
void yaml11_emit(struct buf *out, const struct value *v);

#endif
