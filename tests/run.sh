#!/bin/sh
# All tests: installs what is missing, builds, runs, and prints "N passed, N failed" last.
#
#   sh tests/run.sh          everything
#   sh tests/run.sh NAME     only tests whose name matches the expression NAME
#
# Two builds: with AddressSanitizer and UBSan for unit and end-to-end tests, optimised for what is about timing and
# crashes (label "kill") and for the symbols of the pure library.
set -eu
cd "$(dirname "$0")/.."
only=${1:-.}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
log=build/logs
mkdir -p "$log"

sh examples/deps.sh tests

# A corpus of recorded payloads, kept by the hash of its lock file; without Node.js its tests are skipped, by name.
if corpus=$(sh tests/npm/fetch.sh build/npm 2>"$log/npm.log" | tail -n 1) && [ -n "$corpus" ]; then
  HEADGATE_CORPUS=$corpus
  export HEADGATE_CORPUS
else
  echo "corpus: $(tail -n 1 "$log/npm.log")"
fi

build() {
  cmake --preset "$1" >"$log/$1-configure.log" 2>&1 || { cat "$log/$1-configure.log"; exit 1; }
  shift_name=$1
  shift
  cmake --build "build/$shift_name" -j "$jobs" "$@" >"$log/$shift_name-build.log" 2>&1 ||
    { grep -E -A8 'error|Error' "$log/$shift_name-build.log" | head -n 80; exit 1; }
}
echo "building with sanitizers"
build asan
echo "building optimised"
build release

passed=0 failed=0 skipped=0
# $1: preset, the rest: ctest arguments. A run that finds no test is a failure.
run() {
  preset=$1
  shift
  xml=$PWD/$log/$preset.xml
  rm -f "$xml"
  ctest --test-dir "build/$preset" --no-tests=error --output-on-failure --output-junit "$xml" -R "$only" "$@" \
    >"$log/$preset-tests.log" 2>&1 || true
  if [ ! -f "$xml" ] || ! grep -q '<testcase' "$xml"; then
    [ "$only" = . ] || return 0
    echo "$preset: no tests ran"
    tail -n 20 "$log/$preset-tests.log"
    failed=$((failed + 1))
    return 0
  fi
  all=$(grep -c '<testcase' "$xml")
  bad=$(grep -c 'status="fail"' "$xml" || true)
  # A disabled or never-run test did not pass.
  off=$(grep -c -E 'status="(notrun|disabled)"' "$xml" || true)
  skip=$(sed -n 's/.*\*\*\*Skipped.*/x/p' "$log/$preset-tests.log" | wc -l)
  passed=$((passed + all - bad - off))
  failed=$((failed + bad + off - skip))
  skipped=$((skipped + skip))
  if [ $((bad + off - skip)) -gt 0 ]; then
    grep -E '\*\*\*(Failed|Exception|Timeout|Not Run)' "$log/$preset-tests.log" || true
    echo "--- output of the failed tests ---"
    tail -n 200 "$log/$preset-tests.log"
  fi
  sed -n 's/.*Test *#[0-9]*: \([^ ]*\).*\*\*\*Skipped.*/skipped: \1/p' "$log/$preset-tests.log"
}
echo "running with sanitizers"
run asan -j "$jobs" -LE kill
echo "running optimised"
run release -L 'kill|release'

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
