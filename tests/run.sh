#!/bin/sh
# All tests: installs what is missing, builds, runs, and prints "N passed, N failed" last.
#
#   sh tests/run.sh          everything
#   sh tests/run.sh NAME     only tests whose name matches the expression NAME
#
# Two builds: with AddressSanitizer and UBSan for unit and end-to-end tests; optimised for what is about timing and
# crashes (label "kill"), for simulated histories ("sim") and for the program as it is shipped ("release"). What did not
# build, did not run or could not be counted is a failure; only a test that said itself what it lacks (exit 77) is
# skipped, by name.
set -eu
cd "$(dirname "$0")/.."
only=${1:-.}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
at_once=$((jobs * 4)) # tests: they wait for programs, clocks and disks far more than they work
log=$PWD/build/logs
mkdir -p "$log"
passed=0 failed=0 skipped=0 whole=no

# The counts are the last line however this ends.
finish() {
  [ "$whole" = yes ] || failed=$((failed + 1))
  if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
  else
    echo "$passed passed, $failed failed"
  fi
  [ "$failed" -eq 0 ] || exit 1
}
trap finish EXIT
trap 'exit 130' INT TERM
fail() {
  echo "failed: $1"
  failed=$((failed + 1))
}
# $1: what, the rest: a command; prints how long it took.
timed() {
  what=$1 began=$(date +%s)
  shift
  "$@"
  echo "-- $what: $(($(date +%s) - began)) s"
}

# Recorded payloads, kept by the hash of their lock file; without Node.js their tests are skipped, by name.
corpus() {
  code=0
  HEADGATE_CORPUS=$(sh tests/npm/fetch.sh build/npm 2>"$log/npm.log") || code=$?
  case $code in
  0) export HEADGATE_CORPUS ;;
  77) unset HEADGATE_CORPUS && echo "recorded payloads: $(tail -n 1 "$log/npm.log")" ;;
  *) unset HEADGATE_CORPUS && cat "$log/npm.log" && fail "recorded payloads (tests/npm/fetch.sh)" ;;
  esac
}

# What the contract needs, kept outside the tree; where it cannot be had, that test is skipped, by name.
contract() {
  code=0
  sh tests/contract/run.sh --fetch >"$log/contract.log" 2>&1 || code=$?
  case $code in
  0) ;;
  77) echo "contract: $(tail -n 1 "$log/contract.log")" ;;
  *) cat "$log/contract.log" && fail "contract (tests/contract/run.sh --fetch)" ;;
  esac
}

# $1: preset, the rest: more for the build. An error stops only what depends on it, and is counted.
build() {
  preset=$1
  shift
  cmake --preset "$preset" >"$log/$preset-configure.log" 2>&1 ||
    { tail -n 40 "$log/$preset-configure.log" && fail "configuring $preset" && return 0; }
  cmake --build "build/$preset" -j "$jobs" "$@" -- -k >"$log/$preset-build.log" 2>&1 ||
    { grep -E -A8 'error|Error |undefined reference' "$log/$preset-build.log" | head -n 80 && fail "building $preset"; }
}

# $1: CTest's result file. Adds to the three counts, and names what was skipped and what failed.
count() {
  awk -F'"' '
    function done() { if (name != "") print state, name; name = "" }
    /<testcase / { done(); name = $2; state = $8 == "run" ? "passed" : "failed" }
    /<skipped message="SKIP_RETURN_CODE=77"/ { state = "skipped" }
    END { done() }' "$1" >"$1.list"
  passed=$((passed + $(grep -c '^passed ' "$1.list" || true)))
  failed=$((failed + $(grep -c '^failed ' "$1.list" || true)))
  skipped=$((skipped + $(grep -c '^skipped ' "$1.list" || true)))
  sed -n -e 's/^failed /failed: /p' -e 's/^skipped /skipped: /p' "$1.list"
}

# $1: preset, the rest: ctest arguments.
run() {
  preset=$1 xml=$log/$1.xml
  shift
  rm -f "$xml"
  { ctest --test-dir "build/$preset" --no-tests=error --output-on-failure --output-junit "$xml" -R "$only" "$@" 2>&1
    echo $? >"$log/$preset-code"; } | tee "$log/$preset-tests.log" | grep -v '^ *Start ' || true
  before=$failed
  [ ! -f "$xml" ] || count "$xml"
  if [ "$(cat "$log/$preset-code")" -ne 0 ] && [ "$before" -eq "$failed" ] &&
    { [ "$only" = . ] || ! grep -q 'No tests were found' "$log/$preset-tests.log"; }; then
    fail "ctest in build/$preset"
  fi
}

timed "installing" sh examples/deps.sh tests
corpus
timed "having the contract ready" contract
timed "building with sanitizers" build asan
timed "building optimised" build release --target optimised
timed "tests with sanitizers" run asan -j "$at_once" -LE 'kill|release|sim'
timed "tests of the optimised program" run release -j "$at_once" -L 'kill|release|sim'
[ $((passed + failed + skipped)) -gt 0 ] || fail "no test has a name like $only"
whole=yes
