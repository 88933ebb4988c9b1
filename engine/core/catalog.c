/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables and views of a session, and the builtin lists by name.
 * Always true: names of tables, connectors and formats are exact; function names are not
 * case-sensitive. */
#include "sluice/catalog.h"

#include <string.h>
#include <strings.h>

enum { TABLES_MIN = 16 };

void sl_catalog_init(struct sl_catalog *catalog, const struct sl_builtins *builtins,
                     struct sl_account *account)
{
    memset(catalog, 0, sizeof *catalog);
    catalog->builtins = builtins;
    sl_arena_init(&catalog->arena, account, 0);
}

static size_t table_bytes(uint32_t capacity)
{
    return (size_t)capacity * sizeof(const struct sl_catalog_table *);
}

void sl_catalog_deinit(struct sl_catalog *catalog)
{
    sl_memory_free(catalog->arena.account, catalog->tables, table_bytes(catalog->table_capacity));
    catalog->tables = NULL;
    catalog->table_count = 0;
    catalog->table_capacity = 0;
    sl_arena_deinit(&catalog->arena);
}

static enum sl_status reserve_table(struct sl_catalog *catalog, struct sl_error *err)
{
    if (catalog->table_count < catalog->table_capacity) {
        return SL_OK;
    }
    uint32_t capacity = SL_MAX(catalog->table_capacity * 2, (uint32_t)TABLES_MIN);
    void *tables = catalog->tables;
    tables = sl_memory_resize(catalog->arena.account, tables, table_bytes(catalog->table_capacity),
                              table_bytes(capacity));
    if (tables == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a catalog of %u tables", capacity);
    }
    catalog->tables = tables;
    catalog->table_capacity = capacity;
    return SL_OK;
}

enum sl_status sl_catalog_add(struct sl_catalog *catalog, const struct sl_catalog_table *table,
                              bool replace, struct sl_error *err)
{
    const struct sl_catalog_table *existing = sl_catalog_find(catalog, table->name);
    if (existing != NULL && !replace) {
        return sl_fail_at(err, SL_SEMANTIC, table->line, table->column, "%s '%s' already exists",
                          existing->view_query != NULL ? "view" : "table", table->name);
    }
    SL_TRY(reserve_table(catalog, err));
    sl_catalog_remove(catalog, table->name);
    catalog->tables[catalog->table_count++] = table;
    return SL_OK;
}

bool sl_catalog_remove(struct sl_catalog *catalog, const char *name)
{
    for (uint32_t i = 0; i < catalog->table_count; i++) {
        if (strcmp(catalog->tables[i]->name, name) == 0) {
            memmove(&catalog->tables[i], &catalog->tables[i + 1],
                    table_bytes(catalog->table_count - i - 1));
            catalog->table_count--;
            return true;
        }
    }
    return false;
}

const struct sl_catalog_table *sl_catalog_find(const struct sl_catalog *catalog, const char *name)
{
    for (uint32_t i = 0; i < catalog->table_count; i++) {
        if (strcmp(catalog->tables[i]->name, name) == 0) {
            return catalog->tables[i];
        }
    }
    return NULL;
}

const struct sl_connector_def *sl_catalog_connector(const struct sl_catalog *catalog,
                                                    const char *name)
{
    const struct sl_connector_def *const *defs = catalog->builtins->connectors;
    for (; defs != NULL && *defs != NULL; defs++) {
        if (strcmp((*defs)->name, name) == 0) {
            return *defs;
        }
    }
    return NULL;
}

const struct sl_codec_def *sl_catalog_codec(const struct sl_catalog *catalog, const char *name)
{
    const struct sl_codec_def *const *defs = catalog->builtins->codecs;
    for (; defs != NULL && *defs != NULL; defs++) {
        if (strcmp((*defs)->name, name) == 0) {
            return *defs;
        }
    }
    return NULL;
}

const struct sl_operator_def *sl_catalog_operator(const struct sl_catalog *catalog,
                                                  const char *kind)
{
    const struct sl_operator_def *const *defs = catalog->builtins->operators;
    for (; defs != NULL && *defs != NULL; defs++) {
        if (strcmp((*defs)->kind, kind) == 0) {
            return *defs;
        }
    }
    return NULL;
}

const struct sl_aggregate_def *sl_catalog_aggregate(const struct sl_catalog *catalog,
                                                    const char *name)
{
    const struct sl_aggregate_def *const *defs = catalog->builtins->aggregates;
    for (; defs != NULL && *defs != NULL; defs++) {
        if (strcasecmp((*defs)->name, name) == 0) {
            return *defs;
        }
    }
    return NULL;
}
