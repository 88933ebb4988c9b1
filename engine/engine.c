/* SPDX-License-Identifier: Apache-2.0
 *
 * An engine: the builtins, a catalog and what scripts compiled to. Always true: scripts live as
 * long as it does. */
#include "query.h"

enum sl_status sl_engine_create(const struct sl_engine_config *config, struct sl_engine **engine,
                                struct sl_error *err)
{
    struct sl_engine *made = sl_memory_alloc(NULL, sizeof(*made));
    if (made == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for an engine");
    }
    made->config = *config;
    if (made->config.clock == NULL) {
        made->config.clock = sl_clock_system();
    }
    if (made->config.io == NULL) {
        made->config.io = sl_io_system();
    }
    made->log = (struct sl_log){.level = SL_LOG_WARN, .clock = made->config.clock};
    if (made->config.log == NULL) {
        made->config.log = &made->log;
    }
    made->account =
        (struct sl_account){.name = "engine", .limit_bytes = config->memory_limit_bytes};
    sl_catalog_init(&made->catalog, config->builtins, &made->account);
    sl_arena_init(&made->arena, &made->account, 0);
    *engine = made;
    return SL_OK;
}

void sl_engine_destroy(struct sl_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    sl_catalog_deinit(&engine->catalog);
    sl_arena_deinit(&engine->arena);
    sl_memory_free(NULL, engine, sizeof(*engine));
}

enum sl_status sl_engine_compile(struct sl_engine *engine, const char *text, size_t length,
                                 const struct sl_options *settings, struct sl_script *script,
                                 struct sl_error *err)
{
    static const struct sl_options none = {.count = 0};
    if (engine->config.planner == NULL) {
        return sl_fail(err, SL_UNSUPPORTED, "this engine has no planner");
    }
    SL_TRY(engine->config.planner->compile(&engine->catalog, text, length,
                                           settings == NULL ? &none : settings, engine->config.log,
                                           &engine->arena, script, err));
    return eng_settings_check(&script->settings, engine->config.log, err);
}
