/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands that take a script: run its jobs in order, explain them, or only check them. */
#include <stdio.h>
#include <unistd.h>

#include "cli.h"

static enum cli_exit report(const struct cli_session *session, const struct sl_error *err)
{
    if (err->line > 0) {
        cli_error_print(session->name, session->text, session->length, err);
    } else {
        fprintf(stderr, "sluice: %s\n", err->text);
    }
    return CLI_RUNTIME;
}

static enum sl_status run_query(struct cli_session *session, const struct sl_plan *plan,
                                const struct sl_query_options *options, struct sl_error *err)
{
    struct sl_query *query = NULL;
    SL_TRY(sl_query_create(session->engine, plan, options, &query, err));
    cli_stop_set(query);
    enum sl_status status = sl_query_run(query, err);
    cli_stop_set(NULL);
    struct sl_query_stats stats = sl_query_stats(query);
    if (isatty(STDERR_FILENO) || stats.rows_late > 0 || stats.rows_rejected > 0) {
        cli_summary_print(&stats);
    }
    sl_query_destroy(query);
    return status;
}

static enum cli_exit run_select(struct cli_session *session, const struct cli_arguments *args,
                                const struct sl_plan *plan)
{
    struct cli_output output = {0};
    struct sl_error err = {0};
    enum sl_status status = cli_output_open(&output, args->format, plan, &err);
    if (status == SL_OK) {
        struct sl_query_options options = {
            .result = cli_output_write, .user = &output, .resume = args->resume};
        status = run_query(session, plan, &options, &err);
    }
    if (status == SL_OK) {
        status = cli_output_finish(&output, &err);
    }
    cli_output_close(&output);
    return status == SL_OK || status == SL_CLOSED ? CLI_OK : report(session, &err);
}

static enum cli_exit run_job(struct cli_session *session, const struct cli_arguments *args,
                             const struct sl_job *job)
{
    if (job->kind == SL_JOB_TEXT) {
        fputs(job->text, stdout);
        fflush(stdout);
        return CLI_OK;
    }
    if (job->kind == SL_JOB_SELECT) {
        return run_select(session, args, job->plan);
    }
    struct sl_error err = {0};
    struct sl_query_options options = {.resume = args->resume};
    return run_query(session, job->plan, &options, &err) == SL_OK ? CLI_OK : report(session, &err);
}

enum cli_exit cli_run(const struct cli_arguments *args)
{
    struct cli_session session = {0};
    cli_stop_install(args->drain);
    enum cli_exit result = cli_session_open(&session, args);
    for (uint32_t i = 0; result == CLI_OK && i < session.script.job_count && !cli_stop_requested();
         i++) {
        result = run_job(&session, args, &session.script.jobs[i]);
    }
    cli_session_close(&session);
    return result;
}

static enum cli_exit explain_job(const struct cli_session *session, const struct sl_job *job)
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
    return status == SL_OK ? CLI_OK : report(session, &err);
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
