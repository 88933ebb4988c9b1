#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: test_watch.sh SLUICE SOURCE-DIR. A query can be watched: status line, metrics over HTTP,
# JSON logs; -c ends it, the environment sets it; and a secret shows nowhere. Exit 77 = skipped.
set -eu
sluice=${1:?usage: test_watch.sh SLUICE SOURCE-DIR}
source_dir=${2:?usage: test_watch.sh SLUICE SOURCE-DIR}
case $sluice in /*) ;; *) sluice=$PWD/$sluice ;; esac
# shellcheck source=tests/integration/case.sh
. "$source_dir/tests/integration/case.sh"
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"
unset SLUICE_PARALLELISM_DEFAULT SLUICE_MEMORY_LIMIT SLUICE_BATCH_ROWS

generate="CREATE TABLE g (a BIGINT, b DOUBLE) WITH
    ('connector' = 'datagen', 'rows-per-second' = '2000');"

# ---- -c N ----
for workers in 1 3; do
    for count in 1 7 5000; do
        expect "-c $count" 0 "$(code "$sluice" run -c "$count" -D "parallelism.default=$workers" \
            --output json -e "$generate SELECT * FROM g")"
        expect "rows of -c $count" "$count" "$(wc -l <out | tr -d ' ')"
    done
done
expect "-c as csv" 0 "$(code "$sluice" run -c 3 --output csv -e "$generate SELECT * FROM g")"
expect "header and rows" 4 "$(wc -l <out | tr -d ' ')"
expect "-c as a table" 0 "$(code "$sluice" run -c 3 --output table -e "$generate SELECT * FROM g")"
has "footer" out '^Received a total of 3 rows$'
expect "-c of two" 0 "$(code "$sluice" run -c 2 -e "$generate SELECT a FROM g; SELECT b FROM g")"
expect "rows of two" 4 "$(wc -l <out | tr -d ' ')"
for bad in 0 -1 x 1.5 ''; do
    expect "-c '$bad'" 2 "$(code "$sluice" run -c "$bad" -e "$generate SELECT * FROM g")"
done

# ---- the environment ----
expect "variable" "'parallelism.default' = '2'" \
    "$(SLUICE_PARALLELISM_DEFAULT=2 "$sluice" run -e SET)"
expect "own variable" "'sluice.memory.limit' = '8 mb'" \
    "$(SLUICE_MEMORY_LIMIT='8 mb' "$sluice" run -e SET)"
expect "-D wins" "'parallelism.default' = '3'" \
    "$(SLUICE_PARALLELISM_DEFAULT=2 "$sluice" run -D parallelism.default=3 -e SET)"
expect "SET wins" "'parallelism.default' = '4'" "$(SLUICE_PARALLELISM_DEFAULT=2 "$sluice" run \
    -D parallelism.default=3 -e "SET 'parallelism.default' = '4'; SET")"
expect "somebody else's variable" "" "$(SLUICE_SERVICE_HOST=x "$sluice" run -e SET)"
expect "bad value" 2 "$(code env SLUICE_PARALLELISM_DEFAULT=two "$sluice" run -e SET)"
has "bad value" err 'SLUICE_PARALLELISM_DEFAULT: expected an integer'

# ---- logs ----
expect "json log" 3 "$(code "$sluice" run --log-format json -e "SELEC 1")"
has "json log" err '^\{"time":"[0-9T:.Z-]*","level":"error","room":"sql","message":"-e:1:1: .*"\}$'
expect "json lines only" 1 "$(wc -l <err | tr -d ' ')"
expect "log format" 2 "$(code "$sluice" run --log-format xml -e SET)"
expect "log level" 2 "$(code "$sluice" run --log-level loud -e SET)"
echo 'no json' >bad.jsonl
expect "late and rejected rows" 0 "$(code "$sluice" run --log-format json --log-level error -e \
    "CREATE TABLE f (a INT) WITH ('connector' = 'filesystem', 'path' = 'bad.jsonl', 'format' = 'json');
     SELECT * FROM f")"
expect "nothing at level error" "" "$(cat err)"
expect "rejected row" 0 "$(code "$sluice" run --log-format json -e \
    "CREATE TABLE f (a INT) WITH ('connector' = 'filesystem', 'path' = 'bad.jsonl', 'format' = 'json');
     SELECT * FROM f")"
has "summary" err '"room":"summary","message":"rows in 0, out 0, late 0, rejected 1 .*"\}$'
expect "no other lines" "" "$(grep -v '^{.*}$' err || true)"

# ---- metrics ----
get() {
    curl -s -o page -w '%{http_code}' --max-time 10 "http://127.0.0.1:$port$1"
}

# serve ARG...: runs in the background and waits until it tells its port.
serve() {
    "$sluice" run --log-level info --metrics-listen 127.0.0.1:0 "$@" >rows 2>log </dev/null &
    pid=$!
    port=
    for _ in $(seq 100); do
        port=$(sed -n 's|.*http://127.0.0.1:\([0-9]*\)/metrics.*|\1|p' log)
        [ -z "$port" ] || return 0
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    cat log
    fail "no server"
}

# wait_page PATTERN: until /metrics has such a line.
wait_page() {
    for _ in $(seq 100); do
        get /metrics >/dev/null || true
        ! grep -qE "$1" page || return 0
        sleep 0.1
    done
    cat page
    fail "metrics: no line matches '$1'"
}

expect "bad address" 2 "$(code "$sluice" run --metrics-listen nowhere -e SET)"
has "bad address" err "'nowhere' is no address to listen at"
code "$sluice" run --metrics-listen 127.0.0.1:0 -e SET >code
if grep -q 'libmicrohttpd' err; then
    echo "built without libmicrohttpd: the server is not tested"
else
    command -v curl >/dev/null || fail "curl is needed"
    seq 1 40 | sed 's/.*/{"k":"a&","v":&,"t":&000}/' >in.jsonl
    echo '{"k":' >>in.jsonl
    serve -D parallelism.default=2 -e "$generate
        CREATE TABLE f (k STRING, v INT, t BIGINT, e AS TO_TIMESTAMP_LTZ(t, 3),
            WATERMARK FOR e AS e) WITH ('connector' = 'filesystem', 'path' = 'in.jsonl',
            'format' = 'json', 'source.monitor-interval' = '1 s');
        SELECT window_start, k, COUNT(*) AS n FROM TABLE(
            TUMBLE(TABLE f, DESCRIPTOR(e), INTERVAL '10' SECOND))
        GROUP BY window_start, window_end, k;
        SELECT * FROM g"
    wait_page '^sluice_num_records_rejected_total\{operator="source.*reason="invalid syntax"\} 1$'
    wait_page '^sluice_state_bytes\{operator=".*aggregate.*",worker="[01]"\} [1-9]'
    wait_page '^sluice_current_input_watermark_ms\{.*\} 40000$'
    for name in num_records_in_total num_records_out_total memory_bytes; do
        has "$name" page "^sluice_$name\\{operator=\"[a-z_]*\\[[0-9]*\\]\",worker=\"[01]\"\\} [0-9]+\$"
    done
    has "memory of the query" page '^sluice_query_memory_bytes [1-9]'
    has "checkpoint" page '^sluice_checkpoint_number [0-9]'
    bad=$(awk '
        /^# (HELP|TYPE) [a-z0-9_]+ ./ { if ($2 == "TYPE" && seen[$3]++) { print }; family = $3; next }
        /^[a-z0-9_]+(\{([a-z]+="[^"]*",?)+\})? (-?[0-9]+|\+Inf)$/ {
            name = $0; sub(/[{ ].*/, "", name); if (name == family) { next }
        }
        { print }' page)
    expect "form of /metrics" "" "$bad"
    expect "health" 200 "$(get /healthz)"
    expect "health" ok "$(cat page)"
    expect "version" 200 "$(get /version)"
    expect "version" "$("$sluice" --version)" "$(cat page)"
    expect "no such page" 404 "$(get /nothing)"
    expect "post" 405 "$(curl -s -o page -w '%{http_code}' -d x "http://127.0.0.1:$port/metrics")"
    expect "taken port" 4 "$(code "$sluice" run --metrics-listen "127.0.0.1:$port" -e SET)"
    kill "$pid"
    wait "$pid" || fail "a stop is no failure"
    pid=

    # The second query is served by the same server.
    printf '{"v":1}\n' >one.jsonl
    serve -c 20000 -e "$generate
        CREATE TABLE f (v INT) WITH ('connector' = 'filesystem', 'path' = 'one.jsonl', 'format' = 'json');
        SELECT * FROM f; SELECT * FROM g"
    wait_page '^sluice_num_records_out_total\{operator="sink.*\} [0-9]{3}'
    kill "$pid"
    wait "$pid" || fail "a stop is no failure"
    pid=
fi

# ---- the status line ----
# on_terminal COMMAND: runs it on a pseudo terminal, its screen in the file screen.
on_terminal() {
    TERM=xterm script -qec "$1" /dev/null </dev/null >screen 2>&1 || true
}
if command -v script >/dev/null; then
    run="'$sluice' run --output json -e \"$(echo "$generate" | tr '\n' ' ') SELECT * FROM g\" -c 5000"
    erase=$(printf '\r\033[K')
    on_terminal "$run >rows"
    has "status line" screen 'in [0-9.]+k?/s  out [0-9.]+k?/s  rejected 0  late 0  memory '
    grep -qF "$erase" screen || fail "the status line is not erased"
    on_terminal "$run"
    expect "rows among status lines" 5000 \
        "$(tr '\r' '\n' <screen | sed "s/^$(printf '\033')\\[K//" | grep -c '^{"a":[-0-9]*,"b":.*}$')"
    has "status line among rows" screen 'in [0-9.]+k?/s'
    on_terminal "$run --no-status >rows"
    ! grep -q '/s  out' screen || fail "--no-status has a status line"
    eval "$run" >rows 2>err
    ! grep -q '/s' err || fail "a status line without a terminal"
else
    echo "no script(1): the status line is not tested"
fi

# ---- secrets ----
secret=hunter2sEsame
table="CREATE TABLE k (a INT) WITH ('connector' = 'kafka', 'topic' = 'x', 'format' = 'json',
    'properties.bootstrap.servers' = '127.0.0.1:1', 'properties.security.protocol' = 'SASL_PLAINTEXT',
    'properties.sasl.mechanism' = 'PLAIN', 'properties.sasl.username' = 'u',
    'properties.sasl.password' = '$secret')"
: >seen
note() {
    code "$@" >/dev/null
    cat out err >>seen
}
note "$sluice" run -e "$table; SHOW CREATE TABLE k; DESCRIBE k; EXPLAIN SELECT * FROM k"
note "$sluice" explain -e "$table; SELECT * FROM k"
note "$sluice" validate -e "$table; SELECT * FROM k"
note timeout 3 "$sluice" run --log-level debug -e "$table; SELECT * FROM k"
note timeout 3 "$sluice" run --log-level debug --log-format json -e "$table; SELECT * FROM k"
for script in \
    "SET 'my.password' = '$secret'" "SET my.password = $secret" "SET 'my.password' = '$secret" \
    "SET 'my.password' '$secret'" "SET 'x.token' = '$secret'; SELEC '$secret'" \
    "CREATE TABLE t (a INT) WITH ('password' '$secret')" \
    "CREATE TABLE t (a INT) WITH ('password' = '$secret' 'b')" \
    "CREATE TABLE t (a INT) WITH ('password' = '$secret'x)" \
    "CREATE TABLE t (a INT) WITH ('password' = /* it's */ '$secret', 'a')" \
    "CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'password' = '$secret'); SELECT * FROM t" \
    "CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'properties.sasl.jaas.config' = 'X \"$secret\"',
        'topic' = 'x', 'format' = 'json', 'properties.bootstrap.servers' = 'x:1'); SELECT * FROM t"; do
    note "$sluice" run -v -e "$script"
    note "$sluice" run -v --log-format json -e "$script"
done
note "$sluice" run -D "my.password=$secret" -e "SELEC '$secret'"
note "$sluice" run -D "my.password=$secret" -e SET
[ "$(grep -c '\*\*\*\*\*\*' seen)" -ge 10 ] || fail "nothing was masked: the test tests nothing"
if grep -n "$secret" seen; then
    fail "a secret is shown"
fi
echo ok
