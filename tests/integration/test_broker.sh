#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: test_broker.sh SLUICE SOURCE-DIR. The test broker itself works: what a foreign client
# produces it consumes again, also after the broker was killed and started anew. The other tests of
# this folder build on that. Exit 77 = skipped.
set -eu
source_dir=${2:?usage: test_broker.sh SLUICE SOURCE-DIR}
# shellcheck source=tests/integration/case.sh
. "$source_dir/tests/integration/case.sh"
# shellcheck source=tests/integration/broker.sh
. "$source_dir/tests/integration/broker.sh"

broker_install "$source_dir" || skip "a Kafka broker cannot be had here"
work=$(mktemp -d)
trap 'broker_kill "$work/broker" || true; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

consume() {
    kcat -b "127.0.0.1:$port" -C -t readings -o beginning -e -q -f '%k=%s\n' | sort | tr '\n' ' '
}

port=$(broker_free_port)
broker_start "$work/broker" "$port"
broker_topic "$port" readings 3
partitions=$(kcat -b "127.0.0.1:$port" -L -t readings | grep -c '^    partition ')
expect "partitions" 3 "$partitions"

printf 'a=1\nb=2\nc=3\n' | kcat -b "127.0.0.1:$port" -P -t readings -K =
expect "consumed" "a=1 b=2 c=3 " "$(consume)"

broker_kill "$work/broker"
port=$(broker_free_port)
broker_start "$work/broker" "$port"
printf 'd=4\n' | kcat -b "127.0.0.1:$port" -P -t readings -K =
expect "consumed after a kill" "a=1 b=2 c=3 d=4 " "$(consume)"

broker_stop "$work/broker"
expect "process number file" gone "$([ -f "$work/broker/pid" ] && echo there || echo gone)"
echo "ok"
