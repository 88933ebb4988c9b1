#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: test_cli.sh SLUICE SOURCE-DIR. The command line: what it prints where, its exit codes, and
# how a query is stopped and continued. Prints "ok" or "not ok" for each case.
set -u
sluice=${1:?usage: test_cli.sh SLUICE SOURCE-DIR}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1
passed=0
failed=0

# ok NAME CONDITION...: the condition is a command.
ok() {
    name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok $name"
    else
        failed=$((failed + 1))
        echo "not ok $name"
        for file in out err; do
            sed "s/^/    $file: /" "$file" 2>/dev/null | head -n 12
        done
    fi
}

# run CODE ARG...: out, err; true when the exit code is CODE.
run() {
    expected=$1
    shift
    "$sluice" "$@" >out 2>err </dev/null
    code=$?
    [ $code -eq "$expected" ] || {
        echo "exit code $code, expected $expected" >>err
        false
    }
}

out_is() {
    printf '%s\n' "$@" | cmp -s - out
}

err_has() {
    grep -qF -- "$1" err
}

out_has() {
    grep -qF -- "$1" out
}

# wait_for SECONDS COMMAND...
wait_for() {
    tries=$(($1 * 20))
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}

count_is_at_least() {
    [ "$(cat "$2" 2>/dev/null | wc -l)" -ge "$1" ]
}

cat >rows.jsonl <<'END'
{"id":1,"name":"one","x":1.5}
{"id":2,"name":"two \"quoted\", with comma","x":null}
not json
{"id":3,"name":null,"x":-0.25}
END
cat >table.sql <<'END'
CREATE TABLE t (id INT, name STRING, x DOUBLE)
WITH ('connector' = 'filesystem', 'path' = 'rows.jsonl', 'format' = 'json');
END
table=$(cat table.sql)

# ---- exit codes and help ----

ok "help" run 0 --help
ok "help says the exit codes" out_has "0 done or stopped, 2 usage, 3 SQL or planning error, 4 run-time failure"
ok "version" run 0 --version
ok "no command is a usage error" run 2
ok "unknown command" run 2 dance
ok "unknown command is named" err_has "unknown command 'dance'"
ok "unknown option" run 2 run --nope x.sql
ok "missing script" run 2 run
ok "a script that is not there" run 2 run nowhere.sql
ok "it is named" err_has "nowhere.sql"
ok "two scripts" run 2 run a.sql b.sql
ok "a script and -e" run 2 run -e "SELECT 1" a.sql
ok "-D without a value" run 2 run -D parallelism -e "SELECT 1"
ok "unknown output format" run 2 run --output xml -e "SELECT 1"
ok "options" run 0 options
ok "options lists a connector, a format and a setting" grep -q "'connector' = 'filesystem'" out
ok "options tell defaults" out_has "sluice.batch.rows"

# ---- errors point at the SQL ----

printf '%s\nSELECT id,\n\ttmp\nFROM t;\n' "CREATE TABLE t (id INT, temp DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'rows.jsonl', 'format' = 'json');" >bad.sql
ok "a planning error is 3" run 3 run bad.sql
ok "file, line and column" err_has "bad.sql:3:2: unknown column 'tmp'; did you mean 'temp'?"
ok "the caret stands under it" grep -q "^  	^~~$" err
ok "validate finds it, too" run 3 validate bad.sql
ok "explain finds it, too" run 3 explain bad.sql
ok "a syntax error is 3" run 3 run -e "SELECT FROM"
ok "-e is named" err_has "-e:1:8: "
ok "a setting out of range is 3" run 3 run -D sluice.batch.rows=0 -e "$table SELECT id FROM t"
ok "a file that is not there is 4" run 4 run -e "CREATE TABLE u (id INT) WITH ('connector' = 'filesystem', 'path' = 'nowhere.jsonl', 'format' = 'json'); SELECT id FROM u"
ok "it is named" err_has "nowhere.jsonl"
ok "a stopping bad row is 4" run 4 run -e "$table SELECT id FROM t /*+ OPTIONS('bad-rows' = 'fail') */"
ok "its file and position are told" err_has "rows.jsonl at 84"

# ---- ways to give a script, and shapes of the output ----

printf '%s\nSELECT id, name, x FROM t;\n' "$table" >good.sql
ok "run a file" run 0 run good.sql
ok "JSON lines in a pipe" out_is '{"id":1,"name":"one","x":1.5}' '{"id":2,"name":"two \"quoted\", with comma","x":null}' '{"id":3,"name":null,"x":-0.25}'
ok "the rejected row is told" err_has "rejected 1 (invalid syntax 1)"
ok "where it stood is told" err_has "rows.jsonl"
"$sluice" run - <good.sql >out 2>err
ok "run standard input" out_has '{"id":1,"name":"one","x":1.5}'
printf 'SELECT FROM' | "$sluice" run - >out 2>err
ok "standard input is named" err_has "<stdin>:1:8: "
ok "csv" run 0 run --output csv good.sql
ok "csv has a header and quotes" out_is 'id,name,x' '1,one,1.5' '2,"two ""quoted"", with comma",' '3,,-0.25'
ok "table" run 0 run --output table -e "$table SELECT id, name FROM t WHERE id <> 2;"
ok "table has rules" out_is '+------+------+' '| id   | name |' '+------+------+' '| 1    | one  |' '| 3    | NULL |' '+------+------+' 'Received a total of 2 rows'
ok "updating" run 0 run -e "$table SELECT COUNT(*) AS c FROM t;"
ok "its first key is op" grep -q '^{"op":"+[IU]","c":' out
ok "updating ends with the count" grep -q '^{"op":"+[IU]","c":3}$' out
ok "updating csv" run 0 run --output csv -e "$table SELECT COUNT(*) AS c FROM t;"
ok "its first column is op" grep -q '^op,c$' out
ok "-D is a setting" run 0 run -D table.exec.expression-error=null -e "$table SELECT 1 / (id - 1) AS q FROM t WHERE id = 1"
ok "it is in force" out_is '{"q":null}'
ok "SET wins over -D" run 0 run -D table.exec.expression-error=null -e "SET 'table.exec.expression-error' = 'reject'; $table SELECT 1 / (id - 1) AS q FROM t WHERE id = 1"
ok "no row" [ ! -s out ]
ok "validate" run 0 validate good.sql
ok "validate counts jobs" out_is "good.sql: valid, 1 job"
ok "explain" run 0 explain good.sql
ok "explain shows the scan" out_has "TableSourceScan(table=[t]"
ok "a script without statements" run 0 run -e ""
ok "two SELECTs are two jobs" run 0 run -e "$table SELECT id FROM t WHERE id = 1; SELECT id FROM t WHERE id = 3;"
ok "in order" out_is '{"id":1}' '{"id":3}'
ok "several workers" run 0 run -D parallelism.default=3 -e "$table SELECT id FROM t"
sort out >sorted && mv sorted out
ok "the same rows" out_is '{"id":1}' '{"id":2}' '{"id":3}'
ok "one file and two workers" run 4 run -D parallelism.default=2 -e "$table CREATE TABLE one (id INT) WITH ('connector' = 'filesystem', 'path' = 'one.jsonl', 'format' = 'json', 'sink.single-file' = 'true'); INSERT INTO one SELECT id FROM t"
ok "why is told" err_has "which 2 workers cannot write"

# ---- secrets ----

secret="CREATE TABLE s (id INT) WITH ('connector' = 'kafka', 'topic' = 'x', 'properties.bootstrap.servers' = '127.0.0.1:1', 'properties.sasl.password' = 'hush-hush', 'format' = 'json');"
if "$sluice" options | grep -q "'connector' = 'kafka'"; then
    ok "explain with a secret" run 0 explain -e "$secret SELECT id FROM s"
    ok "it is masked" out_has "'properties.sasl.password' = '******'"
    ok "it is nowhere" sh -c '! grep -q hush-hush out err'
    ok "SHOW CREATE TABLE masks it" run 0 run -e "$secret SHOW CREATE TABLE s"
    ok "it is nowhere in it" sh -c '! grep -q hush-hush out err'
    ok "an error beside it" run 3 run -e "$secret SELECT nope FROM s /*+ OPTIONS('properties.sasl.password' = 'hush-hush-2') */"
else
    ok "a connector that was left out" run 3 run -e "$secret SELECT id FROM s"
    ok "says why" err_has "left out of this build"
fi

# ---- closed and full outputs ----

mkfifo pipe
forever="CREATE TABLE g (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '100000', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '100000000'); SELECT n FROM g;"
"$sluice" run -e "$forever" >pipe 2>err &
pid=$!
head -n 1 <pipe >out
wait $pid
code=$?
ok "a closed stdout ends a SELECT with 0" [ $code -eq 0 ]
ok "after the first row" out_is '{"n":1}'
ok "and without a word" [ ! -s err ]

if [ -w /dev/full ]; then
    "$sluice" run good.sql >/dev/full 2>err
    code=$?
    ok "a full stdout is 4" [ $code -eq 4 ]
    ok "why is told" err_has "No space left on device"
    ln -s /dev/full full.jsonl
    ok "a full disk at a sink is 4" run 4 run -e "$table CREATE TABLE full (id INT) WITH ('connector' = 'filesystem', 'path' = 'full.jsonl', 'format' = 'json', 'sink.single-file' = 'true'); INSERT INTO full SELECT id FROM t"
    ok "file and reason are told" grep -q "full.jsonl.*No space left on device" err
fi

# ---- dead letters ----

cat >letters.sql <<'END'
SET 'sluice.dead-letter.path' = 'dead.jsonl';
SET 'sluice.batch.rows' = '1';
CREATE TABLE e (id INT, ts BIGINT, t AS TO_TIMESTAMP_LTZ(ts, 3), WATERMARK FOR t AS t)
WITH ('connector' = 'filesystem', 'path' = 'events.jsonl', 'format' = 'json');
SELECT SUM(12 / (id - 4)) AS s FROM TABLE(TUMBLE(TABLE e, DESCRIPTOR(t), INTERVAL '10' SECOND)) GROUP BY window_start, window_end;
END
cat >events.jsonl <<'END'
{"id":1,"ts":1000}
{"id":2,"ts":20000}
{"id":3,"ts":2000}
{"id":4,"ts":21000}
{"id":5,
{"id":99999999999,"ts":1}
END
ok "dead letters" run 0 run letters.sql
ok "windows without them" out_is '{"s":-4}' '{"s":-6}'
ok "counted by reason" err_has "late 1, rejected 3 (division by zero 1, invalid syntax 1, value out of range 1)"
ok "four letters" count_is_at_least 4 dead.jsonl
ok "late, with its position" grep -q '"reason":"late",.*"position":39,' dead.jsonl
ok "each reason once" sh -c '[ "$(grep -c "division by zero" dead.jsonl)" = 1 ] && [ "$(grep -c "invalid syntax" dead.jsonl)" = 1 ] && [ "$(grep -c "value out of range" dead.jsonl)" = 1 ]'
ok "with the file" grep -q 'events.jsonl' dead.jsonl

# ---- stopping ----

# One window a day over a generator without end: it closes only when asked to.
cat >endless.sql <<'END'
CREATE TABLE g (n BIGINT, t TIMESTAMP_LTZ(3), WATERMARK FOR t AS t) WITH ('connector' = 'datagen',
    'rows-per-second' = '1000', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '100000000');
CREATE TABLE seen (n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'seen.jsonl', 'format' = 'json', 'sink.single-file' = 'true');
CREATE TABLE windows (c BIGINT) WITH ('connector' = 'filesystem', 'path' = 'windows', 'format' = 'json');
INSERT INTO seen SELECT n FROM g;
INSERT INTO windows SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE g, DESCRIPTOR(t), INTERVAL '100' DAY)) GROUP BY window_start, window_end;
END
"$sluice" run endless.sql >out 2>err &
pid=$!
ok "an endless query runs" wait_for 20 count_is_at_least 1 seen.jsonl
kill -INT $pid
wait $pid
code=$?
ok "SIGINT stops it with 0" [ $code -eq 0 ]
ok "windows stay open" sh -c '! cat windows/part-* 2>/dev/null | grep -q .'
rm -rf seen.jsonl windows
"$sluice" run --drain endless.sql >out 2>err &
pid=$!
ok "an endless query runs again" wait_for 20 count_is_at_least 1 seen.jsonl
kill -TERM $pid
wait $pid
code=$?
ok "SIGTERM stops it with 0" [ $code -eq 0 ]
ok "--drain closes the windows" sh -c 'cat windows/part-* | grep -q "{\"c\":"'
ok "over all rows that came" [ "$(cat windows/part-* | sed 's/[^0-9]//g' | awk '{ s += $1 } END { print s }')" = "$(wc -l <seen.jsonl)" ]

# ---- checkpoints ----

# A sequence of 3,000 at 1,500 a second, stopped in the middle and continued on other numbers of
# workers: each number is counted once in the window that the drain closes.
cat >count.sql <<'END'
SET 'execution.checkpointing.dir' = 'chk';
SET 'execution.checkpointing.interval' = '100 ms';
CREATE TABLE g (n BIGINT, t AS TO_TIMESTAMP_LTZ(n, 3), WATERMARK FOR t AS t) WITH ('connector' = 'datagen',
    'rows-per-second' = '1500', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '3000');
CREATE TABLE counts (k BIGINT, c BIGINT, s BIGINT) WITH ('connector' = 'filesystem', 'path' = 'counts', 'format' = 'json');
INSERT INTO counts SELECT n % 7, COUNT(*), SUM(n) FROM TABLE(TUMBLE(TABLE g, DESCRIPTOR(t), INTERVAL '1' DAY))
GROUP BY window_start, window_end, n % 7;
END
"$sluice" run count.sql >out 2>err &
pid=$!
ok "checkpoints come" wait_for 20 sh -c 'ls chk/chk-3/MANIFEST'  >/dev/null 2>&1
ok "a second instance is refused" run 4 run count.sql
ok "by the directory's name" err_has "chk"
kill -INT $pid
wait $pid
code=$?
ok "stopped with 0" [ $code -eq 0 ]
ok "no window has closed" sh -c '! cat counts/part-* 2>/dev/null | grep -q .'
"$sluice" run -D parallelism.default=3 --resume latest count.sql >out 2>err &
pid=$!
sleep 0.4
kill -INT $pid
wait $pid
code=$?
ok "continued on three workers, stopped with 0" [ $code -eq 0 ]
ok "continued on two workers to the end" run 0 run -D parallelism.default=2 --resume latest count.sql
cat counts/part-* >out
ok "seven windows" [ "$(wc -l <out)" -eq 7 ]
ok "over each number once" [ "$(sed 's/"k":[0-9]*,//; s/[^0-9,]//g' out | awk -F, '{ c += $1; s += $2 } END { print c, s }')" = "3000 4501500" ]
ok "nothing to continue from is 4" run 4 run -D execution.checkpointing.dir=empty --resume latest -e "$table SELECT id FROM t"
ok "another script does not continue it" run 4 run -D execution.checkpointing.dir=chk --resume latest -e "$table SELECT COUNT(*) FROM t"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
