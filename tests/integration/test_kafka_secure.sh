#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: test_kafka_secure.sh SLUICE SOURCE-DIR. A real broker behind TLS with names and passwords
# (PLAIN and SCRAM-SHA-256), told in librdkafka's words and in those of the Java client: rows go in
# and come out; a wrong password and a certificate that nobody vouches for are named as the cause;
# and no secret shows in any output, log or checkpoint. Exit 77 = skipped.
set -eu
sluice=${1:?usage: test_kafka_secure.sh SLUICE SOURCE-DIR}
source_dir=${2:?usage: test_kafka_secure.sh SLUICE SOURCE-DIR}
# shellcheck source=tests/integration/case.sh
. "$source_dir/tests/integration/case.sh"
# shellcheck source=tests/integration/broker.sh
. "$source_dir/tests/integration/broker.sh"

{ command -v openssl >/dev/null && broker_install "$source_dir"; } || skip "a Kafka broker cannot be had here"
work=$(mktemp -d)
log=$work/log
clean_up() {
    broker_kill "$work/broker" || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
plain_secret=pL4inSesame
scram_secret=sCr4mSesame
wrong_secret=wR0ngSesame
: >"$work/log"

# ---- certificates: one authority that is trusted, one that is not ----

# authority NAME
authority() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -keyout "$work/$1.key" \
        -out "$work/$1.pem" -addext 'keyUsage=critical,keyCertSign' 2>>"$work/openssl.log"
}

# certificate NAME: signed by the authority "trusted", for 127.0.0.1; NAME.chain is key and chain.
certificate() {
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$work/$1.key" \
        -out "$work/$1.request" 2>>"$work/openssl.log"
    echo 'subjectAltName=IP:127.0.0.1' >"$work/extensions"
    openssl x509 -req -in "$work/$1.request" -CA "$work/trusted.pem" -CAkey "$work/trusted.key" \
        -CAcreateserial -days 2 -extfile "$work/extensions" -out "$work/$1.pem" \
        2>>"$work/openssl.log"
    cat "$work/$1.key" "$work/$1.pem" "$work/trusted.pem" >"$work/$1.chain"
}
authority trusted
authority stranger
certificate server
certificate client
step "certificates"

# ---- the broker ----

port=$(broker_free_port)
sasl_port=$(broker_free_port)
ssl_port=$(broker_free_port)
BROKER_LISTENERS=",SASL_SSL://127.0.0.1:$sasl_port,SSL://127.0.0.1:$ssl_port"
BROKER_USER="SCRAM-SHA-256=[name=sam,password=$scram_secret]"
security=org.apache.kafka.common.security
mkdir "$work/broker"
cat >"$work/broker/extra.properties" <<END
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
ssl.keystore.type=PEM
ssl.keystore.location=$work/server.chain
ssl.truststore.type=PEM
ssl.truststore.location=$work/trusted.pem
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.sasl_ssl.plain.sasl.jaas.config=$security.plain.PlainLoginModule required user_ann="$plain_secret";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=$security.scram.ScramLoginModule required;
END
broker_start "$work/broker" "$port"
broker_topic "$port" secure 1
step "broker"

# ---- what is told to sluice ----

# options PORT 'NAME' = 'VALUE',...
options() {
    echo "'connector' = 'kafka', 'topic' = 'secure', 'format' = 'raw', 'connect-timeout' = '6 s',
        'properties.bootstrap.servers' = '127.0.0.1:$1', $2"
}

librdkafka() {
    options "$sasl_port" "'properties.security.protocol' = 'SASL_SSL',
        'properties.sasl.mechanisms' = '$1', 'properties.sasl.username' = '$2',
        'properties.sasl.password' = '$3', 'properties.ssl.ca.location' = '$work/$4.pem'"
}

java_client() {
    options "$sasl_port" "'properties.security.protocol' = 'SASL_SSL',
        'properties.sasl.mechanism' = '$1',
        'properties.sasl.jaas.config' = '$security.$5 required username=\"$2\" password=\"$3\";',
        'properties.ssl.truststore.type' = 'PEM',
        'properties.ssl.truststore.location' = '$work/$4.pem'"
}

with_certificate() {
    options "$ssl_port" "'properties.security.protocol' = 'SSL',
        'properties.ssl.truststore.location' = '$work/trusted.pem', $1"
}

# run_script NAME OPTION...: everything it says is kept to be searched for secrets.
run_script() {
    script=$work/$1.sql
    shift
    found=0
    timeout 60 "$sluice" run "$script" --log-level debug "$@" >"$work/out" 2>"$work/err" ||
        found=$?
    cat "$work/out" "$work/err" >>"$work/log"
    return $found
}

one="CREATE TABLE one (n INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');"
written=0
# goes_through WHAT OPTIONS: a row is written, and all rows are read.
goes_through() {
    written=$((written + 1))
    {
        echo "SET 'execution.checkpointing.dir' = '$work/checkpoints/$written';"
        echo "SET 'execution.checkpointing.interval' = '1 s';"
        echo "CREATE TABLE secure (line STRING) WITH ($2);"
        echo "$one INSERT INTO secure SELECT 'row $written' FROM one;"
    } >"$work/write.sql"
    {
        echo "CREATE TABLE secure (line STRING) WITH ($2,
            'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset');"
        echo "SHOW CREATE TABLE secure; EXPLAIN SELECT line FROM secure;"
        echo "SELECT line FROM secure;"
    } >"$work/read.sql"
    run_script write || fail "$1: could not write"
    run_script read --output json || fail "$1: could not read"
    expect "$1" "$written" "$(grep -c '"line":"row ' "$work/out")"
    step "$1"
}

# is_refused WHAT PATTERN OPTIONS: a query ends within the time-out and says why, in one error, both
# as a source and as a sink.
is_refused() {
    echo "CREATE TABLE secure (line STRING) WITH ($3,
        'scan.startup.mode' = 'earliest-offset'); SELECT line FROM secure;" >"$work/read.sql"
    echo "CREATE TABLE secure (line STRING) WITH ($3);
        $one INSERT INTO secure SELECT 'must not be there' FROM one;" >"$work/write.sql"
    for way in read write; do
        started=$(date +%s)
        status=0
        run_script $way || status=$?
        expect "$1, $way: exit" 4 "$status"
        [ $(($(date +%s) - started)) -le 9 ] || fail "$1, $way: took longer than the time-out"
        grep '^sluice: ' "$work/err" | grep -qE "$2" || fail "$1, $way: the error does not match '$2'"
    done
    step "$1: $(grep '^sluice: ' "$work/err" | head -n 1 | cut -c 1-160)"
}

goes_through "PLAIN, librdkafka's names" "$(librdkafka PLAIN ann $plain_secret trusted)"
goes_through "PLAIN, Java's names" "$(java_client PLAIN ann $plain_secret trusted plain.PlainLoginModule)"
# librdkafka before 2.6.1 sends a nonce that Kafka 4 refuses; kcat, of the same library, tells.
if kcat -b "127.0.0.1:$sasl_port" -L -m 5 -X security.protocol=SASL_SSL \
    -X sasl.mechanisms=SCRAM-SHA-256 -X sasl.username=sam -X "sasl.password=$scram_secret" \
    -X "ssl.ca.location=$work/trusted.pem" >/dev/null 2>&1; then
    goes_through "SCRAM, librdkafka's names" "$(librdkafka SCRAM-SHA-256 sam $scram_secret trusted)"
    goes_through "SCRAM, Java's names" \
        "$(java_client SCRAM-SHA-256 sam $scram_secret trusted scram.ScramLoginModule)"
else
    is_refused "SCRAM with an old librdkafka" "librdkafka cannot do SCRAM with Kafka 4" \
        "$(librdkafka SCRAM-SHA-256 sam $scram_secret trusted)"
fi
goes_through "a client's certificate" "$(with_certificate "'properties.ssl.keystore.type' = 'PEM',
    'properties.ssl.keystore.location' = '$work/client.chain'")"

is_refused "wrong password, PLAIN" "[Aa]uthentication" "$(librdkafka PLAIN ann $wrong_secret trusted)"
is_refused "wrong password, SCRAM" "[Aa]uthentication" \
    "$(java_client SCRAM-SHA-256 sam $wrong_secret trusted scram.ScramLoginModule)"
is_refused "untrusted certificate" "certificate" "$(librdkafka PLAIN ann $plain_secret stranger)"
is_refused "no certificate of the client" "certificate|[Ss][Ss][Ll]" "$(with_certificate \
    "'properties.socket.timeout.ms' = '5000'")"
is_refused "plain text to a TLS port" "[Ss][Ss][Ll]|security.protocol|[Dd]isconnected" \
    "$(options "$sasl_port" "'properties.client.id' = 'plain'")"

# ---- secrets ----

grep -q '\*\*\*\*\*\*' "$work/log" || fail "nothing was masked: the test tests nothing"
[ -n "$(find "$work/checkpoints" -type f 2>/dev/null)" ] || step "no checkpoint was left to search"
for secret in $plain_secret $scram_secret $wrong_secret 'BEGIN PRIVATE'; do
    if grep -n "$secret" "$work/log"; then
        fail "a secret is shown"
    fi
    if [ -d "$work/checkpoints" ] && grep -rl "$secret" "$work/checkpoints"; then
        fail "a secret is in a checkpoint"
    fi
done
broker_stop "$work/broker"
step "ok"
