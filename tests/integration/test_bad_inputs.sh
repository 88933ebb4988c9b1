#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: test_bad_inputs.sh SLUICE SOURCE-DIR. What may not bring a query down: rows that are too long, too deep or from the
# far future, files cut while they are read, checkpoints that cannot be written. Each is reported, and what follows it comes.
set -eu
sluice=${1:?usage: test_bad_inputs.sh SLUICE SOURCE-DIR}
source_dir=${2:?usage: test_bad_inputs.sh SLUICE SOURCE-DIR}
case $sluice in /*) ;; *) sluice=$PWD/$sluice ;; esac
# shellcheck source=tests/integration/case.sh
. "$source_dir/tests/integration/case.sh"
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

# repeat COUNT TEXT
repeat() {
    yes "$2" | head -n "$1" | tr -d '\n'
}

# table PATH FORMAT 'COLUMNS' ['OPTIONS']
table() {
    echo "CREATE TABLE f ($3) WITH ('connector' = 'filesystem', 'path' = '$1', 'format' = '$2'${4:+, $4});"
}

# ---- a line of 100 MB ----
{
    printf '{"a":1,"s":"x"}\n{"a":2,"s":"'
    head -c 100000000 /dev/zero | tr '\0' x
    printf '"}\n{"a":3,"s":"y"}\n'
} >long.json
{
    printf '1,x\n2,"'
    head -c 100000000 /dev/zero | tr '\0' x
    printf '"\n3,y\n'
} >long.csv
for format in json csv; do
    for workers in 1 2; do
        expect "long line in $format" 0 "$(code "$sluice" run -D parallelism.default=$workers -D sluice.memory.limit='64 mb' \
            -e "$(table long.$format $format 'a INT, s STRING') SELECT a FROM f")"
        expect "rows around it" '{"a":1}{"a":3}' "$(sort out | tr -d '\n')"
        has "its reason" err "row too large: longer than 16777216 bytes, the limit 'line.max-bytes', split 'long.$format' position [0-9]"
        has "its count" err '^rows in 2, out 2, late 0, rejected 1 \(row too large 1\)$'
    done
    expect "long line that is allowed" 0 "$(code "$sluice" run -e "$(table long.$format $format 'a INT, s STRING' \
        "'line.max-bytes' = '200 mb'") SELECT a, CHAR_LENGTH(s) AS n FROM f")"
    has "its length" out '^\{"a":2,"n":100000000\}$'
done
# Through a pipe, where the line has to be held: at most the limit, not the line.
mkfifo pipe
"$sluice" run -e "$(table - json 'a INT, s STRING') SELECT a FROM f" <pipe >out 2>err &
pid=$!
exec 8>pipe
cat long.json >&8
until_true 20 grep -q '"a":3' out || fail "nothing came behind a long line in a pipe"
if [ -r "/proc/$pid/status" ]; then
    peak_kb=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status")
    case $(nm -D "$sluice" 2>/dev/null || true) in
    *__asan_init* | *__tsan_init*) ;;
    *) [ "$peak_kb" -lt 90000 ] || fail "a line of 100 MB took $peak_kb kB" ;;
    esac
fi
exec 8>&-
wait "$pid" || fail "the pipe's end is no failure"
pid=

# ---- nesting ----
{
    echo '{"a":1}'
    echo "{\"a\":2,\"b\":$(repeat 10000 '[')$(repeat 10000 ']')}"
    echo "{\"a\":3,\"b\":$(repeat 10000 '{"a":')1$(repeat 10000 '}')}"
    echo "{\"a\":4,\"b\":$(repeat 10000 '[')"
    echo '{"a":5}'
} >deep.json
for columns in 'a INT' 'a INT, b STRING' 'a INT, b ARRAY<STRING>'; do
    expect "nesting" 0 "$(code "$sluice" run -e "$(table deep.json json "$columns") SELECT a FROM f")"
    expect "rows around it" '{"a":1}{"a":5}' "$(tr -d '\n' <out)"
    has "its reason" err "nesting too deep: nested deeper than 64 at byte [0-9]+, split 'deep.json' position 8"
    has "its count" err 'rejected 3 \(nesting too deep 3\)$'
done
for statement in "SELECT $(repeat 10000 '(')1$(repeat 10000 ')')" "SELECT $(repeat 10000 'NOT ')TRUE" \
    "SELECT $(repeat 5000 'CASE WHEN TRUE THEN ')1$(repeat 5000 ' END')" "SELECT $(repeat 5000 'ABS(')1$(repeat 5000 ')')" \
    "SELECT * FROM $(repeat 2000 '(SELECT * FROM ')f$(repeat 2000 ')')" "SELECT 1$(repeat 10000 ' + 1')" \
    "CREATE TABLE t (a $(repeat 5000 'ARRAY<')INT$(repeat 5000 '>')) WITH ('connector' = 'print')"; do
    echo "$statement" >deep.sql
    expect "deep SQL $(cut -c 1-30 deep.sql)" 3 "$(code "$sluice" run deep.sql)"
    has "deep SQL $(cut -c 1-30 deep.sql)" err '^deep.sql:1:[0-9]+: (nested deeper than 64 levels|more than 4096 operators)'
done

# ---- event time ----
# A row from the far future moves the watermark there, as in Flink: what follows is late, is counted and can be kept.
for time in 1000 2000 15000 4102444800000 16000 17000 30000; do
    echo "{\"t\":$time}"
done >future.json
times='t BIGINT, e AS TO_TIMESTAMP_LTZ(t, 3), WATERMARK FOR e AS e'
windows="SELECT window_start, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE f, DESCRIPTOR(e), INTERVAL '10' SECOND))
    GROUP BY window_start, window_end"
expect "far future" 0 "$(code "$sluice" run -D sluice.batch.rows=1 -D sluice.dead-letter.path=late.json \
    -e "$(table future.json json "$times") $windows")"
has "window before it" out '"window_start":"1970-01-01 00:00:00.000","n":2'
has "its window" out '"window_start":"2100-01-01 00:00:00.000","n":1'
has "late rows are counted" err '^rows in 7, out 3, late 3, rejected 0'
expect "late rows are kept" 3 "$(grep -c '"reason":"late"' late.json)"
# Times that no window can hold are bad rows, and do not move the watermark to the end of time.
for time in 9223372036854775807 -9223372036854775808 1000; do
    echo "{\"t\":$time}"
done >limits.json
expect "times at the limits" 0 "$(code "$sluice" run -D sluice.batch.rows=1 -e "$(table limits.json json "$times") $windows")"
has "times at the limits" err 'value out of range'

# ---- memory ----
# State without bound ends with the names of those who hold it; with hardly any memory nothing starts, and nothing crashes.
groups="CREATE TABLE g (a BIGINT, b STRING) WITH ('connector' = 'datagen', 'rows-per-second' = '1000000');
    CREATE TABLE o (b STRING, n BIGINT) WITH ('connector' = 'blackhole'); INSERT INTO o SELECT b, COUNT(*) FROM g GROUP BY b"
for limit in 1 20 40 60 80 100 130 160 200 250 300 400 600 1000 4000; do
    for workers in 1 2; do
        expect "a limit of $limit KiB" 4 "$(code "$sluice" run -D parallelism.default=$workers -D sluice.memory.limit="$limit kb" \
            -e "$groups")"
        has "a limit of $limit KiB" err "holds [0-9]+ KiB \(sluice.memory.limit: $limit KiB\)"
    done
done
has "who holds it" err 'most in .*aggregate\[[0-9]+\]: [0-9]+ KiB'

# ---- files that change under the reader ----
# The reader is stopped in mid-file by a full pipe when the file is cut to nothing.
yes '{"a":1,"s":"a row of a log that is rotated in place"}' | head -n 400000 >rotated.json
for chunk in 0 '64 kb'; do
    for workers in 1 2; do
        cp rotated.json cut.json
        "$sluice" run -D parallelism.default=$workers --output json \
            -e "$(table cut.json json 'a INT, s STRING' "'source.chunk-size' = '$chunk'") SELECT a, s FROM f" >pipe 2>err &
        pid=$!
        exec 8<pipe
        sleep 0.3
        : >cut.json
        cat <&8 >out
        exec 8<&-
        wait "$pid" || fail "a file that was cut ended the query with $?: $(cut -c 1-300 err | tail -n 3)"
        pid=
        has "what was read before" out '^\{"a":1,"s":"a row of a log that is rotated in place"\}$'
        has "what is gone is told" err 'rejected [1-9]'
    done
done

# ---- checkpoints that cannot be written ----
mkdir in
unbounded="SET 'execution.checkpointing.dir' = 'chk'; SET 'execution.checkpointing.interval' = '100 ms';
    $(table in json 'a INT' "'source.monitor-interval' = '100 ms'")
    CREATE TABLE o (a INT) WITH ('connector' = 'filesystem', 'path' = 'parts', 'format' = 'json');
    INSERT INTO o SELECT a FROM f"
echo "$unbounded" >query.sql

# put_rows FIRST LAST: as one new file.
put_rows() {
    seq "$1" "$2" | sed 's/.*/{"a":&}/' >in/.new
    mv in/.new "in/$1.json"
}

visible_rows() {
    cat parts/part-* 2>/dev/null | wc -l | tr -d ' '
}

shows() {
    [ "$(visible_rows)" = "$1" ]
}

checkpoint_after() {
    for made in chk/chk-*/MANIFEST; do
        [ -f "$made" ] && [ "$made" -nt "$1" ] && return 0
    done
    return 1
}

# start ARG...: with files of at most 512 bytes, as long as prlimit does not allow more.
start() {
    (
        trap '' XFSZ
        [ "$room" = any ] || ulimit -S -f "$room"
        exec "$sluice" run "$@" query.sql
    ) >out 2>err </dev/null &
    pid=$!
}

stop() {
    kill -TERM "$pid"
    wait "$pid" || fail "a stop is no failure: $(cat err)"
    pid=
}

room=any
start
put_rows 1 10
until_true 10 shows 10 || fail "no rows at all: $(cat err)"

# Another one in the same directory is refused, and the first does not notice.
! "$sluice" run query.sql >/dev/null 2>second </dev/null || fail "two queries share a directory"
has "two in one directory" second "execution.checkpointing.dir 'chk' is in use by another query"

# A file stands where the directory was.
rm -rf chk.away
mv chk chk.away
: >chk
put_rows 11 20
until_true 10 grep -q "checkpoint [0-9]* could not be written (1 in a row); the query goes on and will try again: .*chk" err ||
    fail "nobody told of the directory that is gone: $(cat err)"
until_true 10 grep -q '(4 in a row)' err || fail "it was not tried again: $(cat err)"
expect "undecided rows are hidden" 10 "$(visible_rows)"
rm chk
mv chk.away chk
until_true 10 shows 20 || fail "no checkpoint once the directory was back: $(cat err)"
has "that it works again" err 'checkpoint [0-9]+ was written, after [0-9]+ that could not be'
# The directory is removed, as far as that goes under a process that writes there: it is made again.
until_true 10 rm -rf chk 2>/dev/null
put_rows 21 30
until_true 10 shows 30 || fail "no checkpoint in a new directory: $(cat err)"
stop

# A full disk, modelled by the largest file that the process may write; a new start, in mid-stream, knows what was taken.
if command -v prlimit >/dev/null; then
    room=1
    start --resume latest
    put_rows 31 40
    until_true 10 grep -q '(2 in a row)' err || fail "a full disk went unnoticed: $(cat err)"
    has "the cause" err 'could not be written .*chk-[0-9]+/plan'
    expect "undecided rows are hidden" 30 "$(visible_rows)"
    expect "nothing lies around" "" "$(find chk -name 'chk-*' -newer err ! -exec test -f {}/MANIFEST \; -print)"
    prlimit --pid "$pid" --fsize=unlimited:unlimited
    until_true 10 shows 40 || fail "no checkpoint once there was room: $(cat err)"
    stop
    room=any
else
    echo "no prlimit(1): a full disk is not tested"
fi

# The last checkpoint cannot be left out: its failure is the query's, and the one before is gone on from.
seen=$(visible_rows)
start --resume latest
put_rows 41 50
until_true 10 shows "$((seen + 10))" || fail "no rows after a resume: $(cat err)"
rm -rf chk.away
mv chk chk.away
: >chk
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
pid=
expect "a stop without its checkpoint" 4 "$status"
rm chk
mv chk.away chk
start --resume latest
put_rows 51 60
until_true 10 shows "$((seen + 20))" || fail "no rows after the failed stop: $(cat err)"
stop
if command -v prlimit >/dev/null; then
    expect "every row once" "$(seq 1 60 | tr '\n' ' ')" "$(cat parts/part-* | tr -dc '0-9\n' | sort -n | tr '\n' ' ')"
fi

# ---- settings that are garbage ----
# refused WHAT NAME COMMAND...: as usage or as planning error, by name.
refused() {
    what=$1
    name=$2
    shift 2
    case $(code "$@") in
    2 | 3) has "$what" err "$name" ;;
    *) fail "$what is not refused: $(head -n 1 err)" ;;
    esac
}
one="CREATE TABLE g (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1'); SELECT a FROM g"
for setting in parallelism.default=0 parallelism.default=-1 parallelism.default=99999999999 parallelism.default=two \
    parallelism.default= sluice.memory.limit=lots sluice.memory.limit=-1 sluice.batch.rows=0 sluice.batch.rows=2049 \
    execution.checkpointing.interval=soon execution.checkpointing.interval=-5s table.exec.expression-error=maybe \
    table.local-time-zone=Mars/Olympus execution.runtime-mode=batch; do
    name=${setting%%=*}
    refused "-D $setting" "$name" "$sluice" run -D "$setting" -e "$one"
    refused "SET $setting" "$name" "$sluice" run -e "SET '$name' = '${setting#*=}'; $one"
    variable=$(echo "$name" | tr 'a-z.-' 'A-Z__')
    refused "$variable" "$variable|$name" env "SLUICE_${variable#SLUICE_}=${setting#*=}" "$sluice" run -e "$one"
done
for bad in '' = =x 'no value' "$(repeat 100000 x)"; do
    expect "-D '$(echo "$bad" | cut -c 1-20)'" 2 "$(code "$sluice" run -D "$bad" -e "SELECT 1")"
done
head -c 3000 /dev/urandom >garbage.sql
expect "bytes that are no SQL" 3 "$(code "$sluice" run garbage.sql)"
echo "bad inputs: all well"
