/* SPDX-License-Identifier: Apache-2.0
 *
 * Between support_generator.c, which makes trees, and support_literal.c, which makes their leaves
 * and the values of columns. */
#ifndef TESTS_SIM_SUPPORT_GENERATE_H
#define TESTS_SIM_SUPPORT_GENERATE_H

#include "support_tree.h"

bool generator_chance(struct generator *generator, uint32_t percent);
struct tree *generator_node(struct generator *generator, enum tree_kind kind, uint32_t child_count);
struct tree *generator_cast(struct generator *generator, struct tree *operand, struct sl_type type,
                            bool is_try);
/* A random type of the family. */
struct sl_type generator_type(struct generator *generator, enum tree_family family);

struct tree *generate_literal(struct generator *generator, enum tree_family family);
struct tree *generate_integer(struct generator *generator, int value);
struct tree *generate_small_integer(struct generator *generator);
/* A string literal of that text, or of one that can often be cast to the family. */
struct tree *generate_text(struct generator *generator, const char *text);
struct tree *generate_text_of(struct generator *generator, enum tree_family family);
/* Well-formed patterns: of LIKE (escape character '!'), regular expressions, date formats. */
struct tree *generate_pattern(struct generator *generator, bool has_escape);
struct tree *generate_regex(struct generator *generator);
struct tree *generate_format(struct generator *generator);

#endif
