#!/bin/sh
# Fuzzes every target for SECONDS each, from the seeds of tests/data/fuzz and what earlier runs found (build/fuzz).
# Needs clang with libFuzzer. Ends at the first finding, whose input is left in build/fuzz/found.
#   sh tests/fuzz/run.sh SECONDS [NAME...]
set -eu
[ $# -ge 1 ] || { echo "usage: run.sh SECONDS [NAME...]" >&2; exit 2; }
cd "$(dirname "$0")/../.."
seconds=$1
shift
[ $# -gt 0 ] || set -- $(ls tests/fuzz/fuzz_*.c | sed 's/.*fuzz_\(.*\)\.c/\1/')
command -v clang >/dev/null 2>&1 || { echo "fuzz: install clang" >&2; exit 1; }
cmake --preset fuzz >/dev/null
cmake --build build/fuzz -j "$(getconf _NPROCESSORS_ONLN)" >/dev/null
for name in "$@"; do
  mkdir -p "build/fuzz/corpus/$name" build/fuzz/found
  echo "fuzz: $name"
  "build/fuzz/bin/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -artifact_prefix="build/fuzz/found/$name-" -print_final_stats=1 -verbosity=0 \
    "build/fuzz/corpus/$name" "tests/data/fuzz/$name"
done
