# SPDX-License-Identifier: Apache-2.0
#
# A real Kafka broker for the integration tests, to be sourced by a POSIX shell. One directory is
# one broker: its settings, data, log and process number are there, so that it can be killed and
# started again. Everything listens on 127.0.0.1 only. broker_* functions return non-zero when they
# fail and say why on standard error.
#
#   broker_install SOURCE-DIR    fetch Kafka's libraries, once, to SOURCE-DIR/build/kafka-lib
#   port=$(broker_free_port)     a port that nobody listens on at this moment
#   broker_start DIR PORT        format DIR if it is new, start, and wait until it answers
#   broker_topic PORT NAME COUNT create a topic of COUNT partitions
#   broker_tool CLASS ARG...     run one of Kafka's own tools, e.g. kafka.tools.StorageTool
#   broker_stop DIR, broker_kill DIR    orderly, or as a power cut would
#
# For a broker of more than plain text, set before broker_start formats its DIR: BROKER_LISTENERS (e.g.
# ",SASL_SSL://127.0.0.1:PORT"), DIR/extra.properties, and BROKER_USER ("SCRAM-SHA-256=[name=...]").
#
# shellcheck shell=sh

BROKER_LIB=
BROKER_LISTENERS=
BROKER_USER=

broker_say() {
    echo "broker: $*" >&2
}

# Fetched beside the target and moved into place, so that half a download is never used.
broker_install() {
    BROKER_LIB=${SLUICE_KAFKA_LIB:-$1/build/kafka-lib}
    for broker_program in java kcat; do
        command -v $broker_program >/dev/null || {
            broker_say "$broker_program is not installed"
            return 1
        }
    done
    broker_pom=$1/tests/integration/kafka/pom.xml
    if [ -d "$BROKER_LIB" ] && cmp -s "$broker_pom" "$BROKER_LIB/pom.xml"; then
        return 0
    fi
    command -v mvn >/dev/null || {
        broker_say "mvn is not installed"
        return 1
    }
    rm -rf "$BROKER_LIB" "$BROKER_LIB.new"
    mkdir -p "$BROKER_LIB.new" || return 1
    for broker_try in 1 2 3; do
        mvn -q -B -f "$broker_pom" dependency:copy-dependencies -DincludeScope=runtime \
            -DoutputDirectory="$BROKER_LIB.new" >"$BROKER_LIB.log" 2>&1 && break
        broker_say "mvn could not fetch Kafka (try $broker_try of 3)"
        [ "$broker_try" -lt 3 ] || {
            tail -n 20 "$BROKER_LIB.log" >&2
            return 1
        }
    done
    cp "$broker_pom" "$BROKER_LIB.new/pom.xml" && mv "$BROKER_LIB.new" "$BROKER_LIB"
}

broker_tool() {
    java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$BROKER_LIB/*" "$@"
}

# Below the range that the system deals out by itself; /proc lists listeners in hexadecimal.
broker_free_port() {
    while :; do
        broker_random=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')
        broker_port=$((20000 + broker_random % 12000))
        if ! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
            grep -q "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$broker_port") "; then
            echo "$broker_port"
            return 0
        fi
    done
}

# One process is broker and controller; internal topics are small and have one copy.
broker_format() {
    mkdir -p "$1" || return 1
    broker_controller_port=$(broker_free_port)
    cat >"$1/server.properties" <<END
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$broker_controller_port$BROKER_LISTENERS
advertised.listeners=PLAINTEXT://127.0.0.1:$2$BROKER_LISTENERS
controller.quorum.bootstrap.servers=127.0.0.1:$broker_controller_port
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$1/data
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=2
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=2
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
END
    [ ! -f "$1/extra.properties" ] || cat "$1/extra.properties" >>"$1/server.properties"
    broker_tool kafka.tools.StorageTool format --standalone --cluster-id c2x1aWNlLXRlc3QtMDAwMQ \
        ${BROKER_USER:+--add-scram "$BROKER_USER"} \
        --config "$1/server.properties" >"$1/format.log" 2>&1 || {
        broker_say "could not format $1"
        tail -n 20 "$1/format.log" >&2
        rm -f "$1/server.properties"
        return 1
    }
}

broker_is_up() {
    [ -f "$1/pid" ] && kill -0 "$(cat "$1/pid")" 2>/dev/null
}

# The port may change from start to start of the same directory.
broker_start() {
    if [ ! -f "$1/server.properties" ]; then
        broker_format "$1" "$2" || return 1
    else
        sed -i "s|PLAINTEXT://127.0.0.1:[0-9]*|PLAINTEXT://127.0.0.1:$2|" "$1/server.properties"
    fi
    java -Xms256m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
        -Dorg.slf4j.simpleLogger.showDateTime=true -cp "$BROKER_LIB/*" \
        kafka.Kafka "$1/server.properties" >>"$1/log" 2>&1 &
    echo $! >"$1/pid"
    broker_tries=0
    until kcat -b "127.0.0.1:$2" -L -m 2 2>/dev/null | grep -q '^  broker 1 '; do
        broker_tries=$((broker_tries + 1))
        if ! broker_is_up "$1" || [ $broker_tries -gt 240 ]; then
            broker_say "the broker on port $2 did not come up; the end of its log:"
            tail -n 30 "$1/log" >&2
            broker_kill "$1"
            return 1
        fi
        sleep 0.25
    done
}

broker_topic() {
    broker_tool org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:$1" \
        --create --topic "$2" --partitions "$3" --replication-factor 1 >/dev/null
}

# broker_end DIR SIGNAL SECONDS
broker_end() {
    broker_is_up "$1" || {
        rm -f "$1/pid"
        return 0
    }
    kill "-$2" "$(cat "$1/pid")" 2>/dev/null || true
    broker_tries=$(($3 * 10))
    while broker_is_up "$1" && [ $broker_tries -gt 0 ]; do
        broker_tries=$((broker_tries - 1))
        sleep 0.1
    done
    if broker_is_up "$1"; then
        return 1
    fi
    rm -f "$1/pid"
}

broker_stop() {
    broker_end "$1" TERM 30 || {
        broker_say "the broker in $1 did not stop in 30 s and is killed"
        broker_end "$1" KILL 10
    }
}

broker_kill() {
    broker_end "$1" KILL 10
}
