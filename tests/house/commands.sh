#!/usr/bin/env bash
# usage: commands.sh ROOT
# What ./run-demo and the bootstrap say when they cannot go on: one clear sentence, before anything
# long begins. Nothing is installed, built or started here.
# shellcheck disable=SC2016 # the made-up machines expand their own variables
set -euo pipefail
cd "$1"

fail() {
  printf 'FAILED: %s\n' "$*"
  exit 1
}

# expect NAME CODE PATTERN COMMAND...
expect() {
  local name=$1 code=$2 pattern=$3 came=0 said
  shift 3
  said=$("$@" 2>&1) || came=$?
  ((came == code)) || fail "$name: expected exit code $code, came $came: $said"
  [[ $said =~ $pattern ]] || fail "$name: expected \"$pattern\", came: $said"
  printf 'ok: %s\n' "$name"
}

expect "help" 0 'usage: ./run-demo' ./run-demo --help
expect "an unknown argument" 2 'unknown argument "--frsh"' ./run-demo --frsh
expect "--for without a number" 2 '--for wants a number' ./run-demo --for
for seconds in soon 0 -1 86401 1e3 ''; do
  expect "--for $seconds" 2 "came \"$seconds\"" ./run-demo --for "$seconds"
done
expect "a port that is none" 2 'CRYOBANK_DEMO_WS_PORT wants a port' \
  env CRYOBANK_DEMO_WS_PORT=70000 ./run-demo
expect "one port twice" 2 'CRYOBANK_DEMO_WS_PORT and CRYOBANK_DEMO_MQTT_PORT both name port 7' \
  env CRYOBANK_DEMO_MQTT_PORT=7 CRYOBANK_DEMO_WS_PORT=7 ./run-demo

# A listener on a port that the system chooses; it ends with this script.
exec 3< <(exec python3 -c '
import socket, sys, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
time.sleep(60)')
listener=$!
trap 'kill "$listener" 2>/dev/null || true' EXIT
read -r port <&3
expect "a port in use" 1 "port $port \(MQTT\) is in use.*CRYOBANK_DEMO_MQTT_PORT=" \
  env CRYOBANK_DEMO_MQTT_PORT="$port" ./run-demo

# The bootstrap, on machines that lack something.
bootstrap=$(<scripts/bootstrap)
on_a_machine() { bash -c "root=/; $bootstrap"$'\n'"$1"; }
expect "no apt-get" 1 'needs a Debian 12 with apt-get' \
  on_a_machine 'command() { return 1; }; install_missing socat'
expect "all packages there" 0 'went on' \
  on_a_machine 'missing_packages() { :; }; install_missing socat; echo went on'
without_root=(bash)
((EUID != 0)) || without_root=(setpriv --reuid=65534 --clear-groups bash)
on_a_machine_without_root() { "${without_root[@]}" -c "root=/; $bootstrap"$'\n'"$1" </dev/null; }
expect "no root and no sudo" 1 'packages are missing: socat.*apt-get install socat' \
  on_a_machine_without_root 'missing_packages() { echo socat; }
    command() { [[ $2 != sudo ]]; }
    install_missing socat'
expect "sudo that wants a password" 1 'sudo wants a password and there is no terminal' \
  on_a_machine_without_root 'missing_packages() { echo socat; }
    command() { true; }
    sudo() { false; }
    install_missing socat'
