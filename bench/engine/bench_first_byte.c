/* SPDX-License-Identifier: Apache-2.0
 *
 * How long a program takes from its start to its first byte on standard output: a pipe, as `| head`
 * would be. Always true: a program is ended after its first byte, and one that gives none is a
 * failure. Used by bench/footprint.sh. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 1001 };

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Milliseconds to the first byte; negative: there was none. */
static double run_once(char **command)
{
    int ends[2];
    char byte;
    if (pipe(ends) != 0) {
        return -1;
    }
    double begin = now_ms();
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    close(ends[1]);
    double passed = read(ends[0], &byte, 1) == 1 ? now_ms() - begin : -1;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(ends[0]);
    return passed;
}

int main(int argument_count, char **arguments)
{
    static double times[RUNS_MAX];
    if (argument_count < 3) {
        printf(
            "usage: bench_engine_first_byte RUNS COMMAND [ARGUMENT...]; see bench/footprint.sh\n");
        return 0;
    }
    long runs = strtol(arguments[1], NULL, 10);
    if (runs < 1 || runs > RUNS_MAX) {
        fprintf(stderr, "bench_first_byte: RUNS is 1 to %d\n", RUNS_MAX);
        return 2;
    }
    for (long i = 0; i < runs; i++) {
        times[i] = run_once(&arguments[2]);
        if (times[i] < 0) {
            fprintf(stderr, "bench_first_byte: %s ended without a byte\n", arguments[2]);
            return 1;
        }
    }
    qsort(times, (size_t)runs, sizeof times[0], compare);
    printf("%.1f ms (median of %ld; %.1f to %.1f)\n", times[runs / 2], runs, times[0],
           times[runs - 1]);
    return 0;
}
