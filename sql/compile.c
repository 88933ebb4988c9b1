/* SPDX-License-Identifier: Apache-2.0
 *
 * The only way in: a script goes through the stages in order, parse, bind, rewrite, physical.
 * Statements take effect one after the other; the plan of all INSERTs is made at the end. */
#include "compile.h"

#include <string.h>

#include "bind.h"
#include "parse.h"
#include "physical.h"
#include "rewrite.h"
#include "room.h"
#include "sluice/hash.h"
#include "unparse.h"

/* The sinks of one job, and the statements that they come from. */
struct sinks {
    struct sql_logical **items;
    uint32_t count;
    uint32_t capacity;
    struct sl_text canonical; /* of the statements, for the digest */
    struct sql_used_table *used;
};

struct compile {
    struct sql_context context;
    struct sl_job *jobs;
    uint32_t job_count;
    struct sl_option *settings;
    struct sinks inserts;
    uint32_t inserts_position; /* among the jobs: where the last INSERT stood */
};

static enum sl_status add_sink(struct sql_context *context, struct sinks *sinks,
                               struct sql_logical *sink)
{
    if (sinks->count == sinks->capacity) {
        struct sql_logical **items;
        sinks->capacity = sinks->capacity * 2 + 4;
        SQL_NEW(context, items, sinks->capacity);
        if (sinks->count > 0) {
            memcpy(items, sinks->items, sizeof(struct sql_logical *) * sinks->count);
        }
        sinks->items = items;
    }
    sinks->items[sinks->count++] = sink;
    return SL_OK;
}

/* Binds and rewrites a QUERY, an INSERT or a set of them into sinks. */
static enum sl_status collect(struct sql_context *context, const struct sql_statement *statement,
                              struct sinks *sinks)
{
    struct sql_logical *sink;
    if (statement->kind == SQL_STATEMENT_SET_OF_INSERTS) {
        for (uint32_t i = 0; i < statement->set_of_inserts.count; i++) {
            SL_TRY(collect(context, &statement->set_of_inserts.items[i], sinks));
        }
        return SL_OK;
    }
    context->used = sinks->used;
    enum sl_status status = statement->kind == SQL_STATEMENT_QUERY
                                ? sql_bind_result(context, statement->query, &sink)
                                : sql_bind_insert(context, &statement->insert, &sink);
    sinks->used = context->used;
    context->used = NULL;
    SL_TRY(status);
    SL_TRY(sql_rewrite_push(context, sink, &sink));
    sql_unparse_statement(&sinks->canonical, statement);
    sl_text_append_string(&sinks->canonical, ";\n");
    return add_sink(context, sinks, sink);
}

/* Same digest: same tables, views and statements, whatever their comments and spaces. */
static enum sl_status make_plan(struct sql_context *context, struct sinks *sinks,
                                const struct sl_plan **plan)
{
    for (const struct sql_used_table *used = sinks->used; used != NULL; used = used->next) {
        sql_print_create(&sinks->canonical, used->table, false);
    }
    if (sinks->canonical.failed) {
        return sql_fail_memory(context);
    }
    uint64_t digest = sl_hash_bytes(sinks->canonical.data, sinks->canonical.length);
    return sql_plan_build(context, sinks->items, sinks->count, digest, plan);
}

static void add_job(struct compile *compile, struct sl_job job)
{
    compile->jobs[compile->job_count++] = job;
}

static enum sl_status compile_query(struct compile *compile, const struct sql_statement *statement)
{
    struct sinks sinks = {0};
    struct sl_job job = {.kind = SL_JOB_SELECT};
    sl_text_init(&sinks.canonical, compile->context.arena->account, 0);
    enum sl_status status = collect(&compile->context, statement, &sinks);
    if (status == SL_OK) {
        status = make_plan(&compile->context, &sinks, &job.plan);
    }
    sl_text_deinit(&sinks.canonical);
    SL_TRY(status);
    add_job(compile, job);
    return SL_OK;
}

static enum sl_status compile_explain(struct compile *compile,
                                      const struct sql_statement *statement)
{
    struct sql_context *context = &compile->context;
    struct sinks sinks = {0};
    struct sl_job job = {.kind = SL_JOB_TEXT};
    struct sl_text text;
    if ((statement->explain.details & SQL_EXPLAIN_JSON_EXECUTION_PLAN) != 0) {
        return sql_refuse(context, statement->span, "EXPLAIN JSON_EXECUTION_PLAN");
    }
    sl_text_init(&text, context->arena->account, 0);
    sl_text_init(&sinks.canonical, context->arena->account, 0);
    enum sl_status status = collect(context, statement->explain.statement, &sinks);
    if (status == SL_OK) {
        status = make_plan(context, &sinks, &job.plan);
    }
    if (status == SL_OK) {
        status = sl_plan_explain(job.plan, &text, context->err);
    }
    if (status == SL_OK) {
        status = sql_text_take(context, &text, &job.text);
    }
    sl_text_deinit(&text);
    sl_text_deinit(&sinks.canonical);
    SL_TRY(status);
    add_job(compile, job);
    return SL_OK;
}

static int64_t find_setting(const struct sl_options *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->items[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

/* Plans keep the settings that were in force, so each change makes a new list. */
static enum sl_status copy_settings(struct sql_context *context, uint32_t extra,
                                    struct sl_option **items)
{
    SQL_NEW(context, *items, context->settings.count + extra);
    if (context->settings.count > 0) {
        memcpy(*items, context->settings.items, sizeof(**items) * context->settings.count);
    }
    return SL_OK;
}

static enum sl_status compile_reset(struct compile *compile, const struct sql_statement *statement)
{
    struct sql_context *context = &compile->context;
    const char *key = statement->set.option.key;
    struct sl_option *items;
    if (key == NULL) {
        context->settings = (struct sl_options){0};
        return SL_OK;
    }
    int64_t found = find_setting(&context->settings, key);
    if (found < 0) {
        return SL_OK;
    }
    SL_TRY(copy_settings(context, 0, &items));
    uint32_t last = --context->settings.count;
    memmove(&items[found], &items[found + 1], sizeof(*items) * (last - (uint32_t)found));
    context->settings.items = items;
    return SL_OK;
}

static enum sl_status list_settings(struct compile *compile)
{
    struct sql_context *context = &compile->context;
    static const struct sl_option_def *const none[] = {NULL};
    struct sl_job job = {.kind = SL_JOB_TEXT};
    struct sl_text text;
    sl_text_init(&text, context->arena->account, 0);
    for (uint32_t i = 0; i < context->settings.count; i++) {
        const struct sl_option *setting = &context->settings.items[i];
        sl_text_printf(&text, "'%s' = '%s'\n", setting->name, sl_option_masked(none, setting));
    }
    SL_TRY(sql_text_take(context, &text, &job.text));
    add_job(compile, job);
    return SL_OK;
}

/* The settings that planning reads. All others are the engine's to check. */
static const struct sl_option_def SETTINGS[] = {
    {.name = "pipeline.name", .type = SL_OPTION_STRING, .help = "name of the job"},
    {.name = "table.exec.source.idle-timeout",
     .type = SL_OPTION_DURATION,
     .help = "a split without rows for so long holds no watermark back; 0 = it always does"},
    {.name = NULL},
};

static enum sl_status check_setting(struct sql_context *context, const struct sl_option *setting,
                                    struct sql_span span)
{
    static const struct sl_option_def *const tables[] = {SETTINGS, NULL};
    const struct sl_options options = {.items = setting, .count = 1};
    for (const struct sl_option_def *def = SETTINGS; def->name != NULL; def++) {
        if (strcmp(def->name, setting->name) == 0) {
            return sql_fail_as(context, span,
                               sl_options_check(&options, tables, "SET", context->err));
        }
    }
    return SL_OK;
}

static enum sl_status compile_set(struct compile *compile, const struct sql_statement *statement)
{
    struct sql_context *context = &compile->context;
    const struct sql_option *set = &statement->set.option;
    struct sl_option *items;
    if (set->key == NULL) {
        return list_settings(compile);
    }
    struct sl_option setting = {.name = set->key,
                                .value = set->value,
                                .line = set->key_span.line,
                                .column = set->key_span.column};
    SL_TRY(check_setting(context, &setting, set->value_span));
    int64_t found = find_setting(&context->settings, set->key);
    SL_TRY(copy_settings(context, 1, &items));
    if (found < 0) {
        found = context->settings.count++;
    }
    items[found] = setting;
    context->settings.items = items;
    return SL_OK;
}

static enum sl_status compile_text(struct compile *compile, const struct sql_statement *statement)
{
    struct sl_job job = {.kind = SL_JOB_TEXT};
    SL_TRY(statement->kind == SQL_STATEMENT_SHOW
               ? sql_show(&compile->context, statement, &job.text)
               : sql_describe(&compile->context, statement, &job.text));
    add_job(compile, job);
    return SL_OK;
}

static enum sl_status compile_statement(struct compile *compile,
                                        const struct sql_statement *statement)
{
    struct sql_context *context = &compile->context;
    switch (statement->kind) {
    case SQL_STATEMENT_CREATE_TABLE:
        return sql_create_table(context, &statement->create_table);
    case SQL_STATEMENT_CREATE_VIEW:
        return sql_create_view(context, &statement->create_view);
    case SQL_STATEMENT_DROP_TABLE:
    case SQL_STATEMENT_DROP_VIEW:
        return sql_drop(context, &statement->drop, statement->kind == SQL_STATEMENT_DROP_VIEW);
    case SQL_STATEMENT_INSERT:
    case SQL_STATEMENT_SET_OF_INSERTS:
        compile->inserts_position = compile->job_count;
        return collect(context, statement, &compile->inserts);
    case SQL_STATEMENT_QUERY:
        return compile_query(compile, statement);
    case SQL_STATEMENT_SET:
        return compile_set(compile, statement);
    case SQL_STATEMENT_RESET:
        return compile_reset(compile, statement);
    case SQL_STATEMENT_EXPLAIN:
        return compile_explain(compile, statement);
    case SQL_STATEMENT_SHOW:
    case SQL_STATEMENT_DESCRIBE:
        break;
    }
    return compile_text(compile, statement);
}

static enum sl_status compile_inserts(struct compile *compile)
{
    struct sl_job job = {.kind = SL_JOB_INSERTS};
    if (compile->inserts.count == 0) {
        return SL_OK;
    }
    SL_TRY(make_plan(&compile->context, &compile->inserts, &job.plan));
    struct sl_job *place = &compile->jobs[compile->inserts_position];
    memmove(place + 1, place, sizeof job * (compile->job_count - compile->inserts_position));
    *place = job;
    compile->job_count++;
    return SL_OK;
}

static enum sl_status compile_statements(struct compile *compile, const struct sql_script *script)
{
    SQL_NEW(&compile->context, compile->jobs, script->count + 1);
    for (uint32_t i = 0; i < script->count; i++) {
        SL_TRY(compile_statement(compile, &script->statements[i]));
    }
    return compile_inserts(compile);
}

static enum sl_status compile_script(struct sl_catalog *catalog, const char *text, size_t length,
                                     const struct sl_options *settings, struct sl_log *log,
                                     struct sl_arena *arena, struct sl_script *script,
                                     struct sl_error *err)
{
    struct compile compile = {
        .context = {.catalog = catalog, .arena = arena, .log = log, .err = err}};
    struct sql_script parsed;
    if (settings != NULL) {
        compile.context.settings = *settings;
    }
    SL_TRY(sql_parse_script(text, length, arena, &parsed, err));
    sl_text_init(&compile.inserts.canonical, arena->account, 0);
    enum sl_status status = compile_statements(&compile, &parsed);
    sl_text_deinit(&compile.inserts.canonical);
    SL_TRY(status);
    *script = (struct sl_script){
        .jobs = compile.jobs, .job_count = compile.job_count, .settings = compile.context.settings};
    return SL_OK;
}

const struct sl_planner_def sql_planner = {.compile = compile_script};
