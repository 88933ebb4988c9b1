#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: banned.sh SOURCE-DIR. Calls that have one place, and calls that have none. Members of a
# struct (io->read, file.close) are other things than the functions of the same name.
set -u
cd "${1:?usage: banned.sh SOURCE-DIR}" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

heap='malloc calloc realloc reallocarray free strdup strndup aligned_alloc posix_memalign memalign
    asprintf vasprintf'
time='time clock clock_gettime gettimeofday timespec_get rand rand_r srand random srandom drand48
    erand48 lrand48 getrandom getentropy arc4random'
files='open openat open64 creat read pread readv write pwrite writev fopen fdopen freopen fread
    fgets getline getdelim rename renameat unlink unlinkat remove mkdir mkdirat rmdir opendir
    fdopendir readdir scandir nftw mmap munmap truncate ftruncate fsync fdatasync sync stat fstat
    lstat fstatat statx lseek fseek flock lockf link symlink mkstemp tmpfile sendfile'
print='printf fprintf vprintf vfprintf dprintf vdprintf puts fputs fputc putc putchar fwrite perror'
never='strcpy stpcpy strcat sprintf vsprintf atoi atol atoll atof strtok strtok_r gets'

# search PLACES REASON CALL...: complains of these calls outside files that match PLACES.
search() {
    places=$1
    reason=$2
    shift 2
    alternatives=$(printf %s "$*" | tr -s ' \n' '||')
    grep -vE "^($places)" "$work/code" |
        grep -E "(^|[^A-Za-z0-9_.>]|[^-]>)($alternatives)[[:space:]]*\(" |
        sed "s|\$|    <- $reason|"
}

find sql operators connectors fpga engine include tests bench -name '*.[ch]' \
    -exec awk -f tests/check/strip.awk {} + |
    sed -E 's/^([^:]*:[0-9]+:)/\1 /' >"$work/code"
[ -s "$work/code" ] || {
    echo "banned: found no sources in $PWD"
    exit 1
}
{
    # shellcheck disable=SC2086 # lists of names
    {
        search 'tests/|bench/|engine/core/memory\.c' 'use sl_memory or an arena' $heap
        search 'tests/|bench/|engine/core/clock\.c' 'use sl_clock' $time
        search 'tests/|bench/|engine/core/io(_mapping)?\.c' 'use sl_io' $files
        search 'tests/|bench/|engine/cli/|engine/core/log\.c' 'use sl_log' $print
        search 'nowhere/' 'never' $never
    }
    grep -E '#[[:space:]]*(el)?if.*(HAVE|SLUICE_WITH)_' "$work/code" |
        grep -vE '^(engine/wire|engine/cli|tests)/' | sed 's/$/    <- only in builtin lists/'
} >"$work/violations"
cat "$work/violations"
[ ! -s "$work/violations" ]
