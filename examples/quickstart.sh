#!/bin/sh
# The demo: installs what is missing, builds in build/, starts a sandbox forge with a bug tracker and headgate on
# 127.0.0.1, plays a story and checks every verdict. With a terminal it then serves until Ctrl-C; without one it ends.
# Exit 1 on any difference.
#
#   sh examples/quickstart.sh [--once] [--port N]
set -eu
cd "$(dirname "$0")/.."
logs=build/logs
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
case ${1:-} in
-h | --help)
  sed -n '2,6s/^#  \{0,1\}//p' "$0"
  exit 0
  ;;
esac
mkdir -p "$logs"

echo "packages: installing what is missing"
sh examples/deps.sh

# $1: a word for the log; the rest: the command. Quiet unless it fails.
quietly() {
  log=$logs/quickstart-$1.log
  shift
  "$@" >"$log" 2>&1 </dev/null && return 0
  grep -E -i -A 8 'error' "$log" | head -n 60 >&2 || true
  echo "quickstart: failed; the whole log is in $log" >&2
  exit 1
}
echo "build: build/quick (the first time takes a minute or two; log in $logs)"
quietly configure cmake -S . -B build/quick -DCMAKE_BUILD_TYPE=Release -DHEADGATE_TESTS=ON
quietly build cmake --build build/quick -j "$jobs" --target headgate headgate-hook headgate-world headgate-story

echo "demo:"
exec build/quick/bin/headgate-story "$@"
