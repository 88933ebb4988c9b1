/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands that take a script: run its jobs in order, explain them, or only check them. */
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "engine/server/room.h"
#include "screen.h"

/* A session and what watches its queries. */
struct run {
    struct cli_session session;
    const struct cli_arguments *args;
    struct server *server; /* NULL = none asked for */
};

static enum cli_exit fail(struct run *run, const struct sl_error *err)
{
    server_fail(run->server, cli_error_print(&run->session, err));
    return CLI_RUNTIME;
}

static enum sl_status run_query(struct run *run, const struct sl_plan *plan,
                                const struct sl_query_options *options, struct sl_error *err)
{
    struct sl_query *query = NULL;
    cli_stop_opening();
    enum sl_status status = sl_query_create(run->session.engine, plan, options, &query, err);
    cli_stop_set(query);
    SL_TRY(status);
    server_watch(run->server, query);
    cli_status_start(query);
    status = sl_query_run(query, err);
    cli_stop_set(NULL);
    cli_status_stop();
    server_watch(run->server, NULL);
    struct sl_query_stats stats = sl_query_stats(query);
    if (options->result != NULL) { /* -c may have cut the last batch */
        stats.rows_out = (int64_t)((const struct cli_output *)options->user)->row_count;
    }
    if (isatty(STDERR_FILENO) || stats.rows_late > 0 || stats.rows_rejected > 0) {
        cli_summary_print(&run->session.log, &stats);
    }
    sl_query_destroy(query);
    return status;
}

static enum cli_exit run_select(struct run *run, const struct sl_plan *plan)
{
    const struct cli_arguments *args = run->args;
    struct cli_output output = {0};
    struct sl_error err = {0};
    enum sl_status status = cli_output_open(&output, args->format, args->row_limit, plan, &err);
    if (status == SL_OK) {
        struct sl_query_options options = {
            .result = cli_output_write, .user = &output, .resume = args->resume};
        status = run_query(run, plan, &options, &err);
    }
    if (status == SL_OK) {
        status = cli_output_finish(&output, &err);
    }
    cli_output_close(&output);
    return status == SL_OK || status == SL_CLOSED ? CLI_OK : fail(run, &err);
}

static enum cli_exit run_job(struct run *run, const struct sl_job *job)
{
    if (job->kind == SL_JOB_TEXT) {
        fputs(job->text, stdout);
        fflush(stdout);
        return CLI_OK;
    }
    if (job->kind == SL_JOB_SELECT) {
        return run_select(run, job->plan);
    }
    struct sl_error err = {0};
    struct sl_query_options options = {.resume = run->args->resume};
    return run_query(run, job->plan, &options, &err) == SL_OK ? CLI_OK : fail(run, &err);
}

static enum cli_exit open_server(struct run *run)
{
    struct sl_error err = {0};
    if (run->args->metrics_listen == NULL) {
        return CLI_OK;
    }
    enum sl_status status =
        server_open(run->args->metrics_listen, &run->session.log, &run->server, &err);
    if (status != SL_OK) {
        cli_error_print(&run->session, &err);
    }
    return status == SL_OK ? CLI_OK : status == SL_OPTION ? CLI_USAGE : CLI_RUNTIME;
}

enum cli_exit cli_run(const struct cli_arguments *args)
{
    struct run run = {.args = args};
    cli_stop_install(args->drain);
    cli_screen_init(!args->no_status && !args->log_json);
    enum cli_exit result = cli_session_open(&run.session, args);
    if (result == CLI_OK) {
        result = open_server(&run);
    }
    for (uint32_t i = 0;
         result == CLI_OK && i < run.session.script.job_count && !cli_stop_requested(); i++) {
        result = run_job(&run, &run.session.script.jobs[i]);
    }
    server_close(run.server);
    cli_session_close(&run.session);
    return result;
}

static enum cli_exit explain_job(struct cli_session *session, const struct sl_job *job)
{
    if (job->kind == SL_JOB_TEXT) {
        fputs(job->text, stdout);
        return CLI_OK;
    }
    struct sl_error err = {0};
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    enum sl_status status = sl_plan_explain(job->plan, &text, &err);
    if (status == SL_OK) {
        fwrite(text.data, 1, text.length, stdout);
    }
    sl_text_deinit(&text);
    if (status != SL_OK) {
        cli_error_print(session, &err);
    }
    return status == SL_OK ? CLI_OK : CLI_RUNTIME;
}

enum cli_exit cli_explain(const struct cli_arguments *args)
{
    struct cli_session session = {0};
    enum cli_exit result = cli_session_open(&session, args);
    for (uint32_t i = 0; result == CLI_OK && i < session.script.job_count; i++) {
        result = explain_job(&session, &session.script.jobs[i]);
    }
    cli_session_close(&session);
    return result;
}

enum cli_exit cli_validate(const struct cli_arguments *args)
{
    struct cli_session session = {0};
    enum cli_exit result = cli_session_open(&session, args);
    if (result == CLI_OK) {
        printf("%s: valid, %u job%s\n", session.name, session.script.job_count,
               session.script.job_count == 1 ? "" : "s");
    }
    cli_session_close(&session);
    return result;
}
