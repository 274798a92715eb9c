#!/bin/sh
# What the catalogue says that unit tests see, they see: each test named in a mutant's "red:" fails with that mutant on.
#   sh tests/mutants/red.sh CATALOGUE BIN [MUTANT...]
set -eu
catalogue=$1 bin=$2
shift 2
if [ $# -eq 0 ]; then
  set -- $(ls "$catalogue" | sed -n 's/\.mutant$//p')
fi
bad=0 tests=0 mutants=0
# The tests of one mutant, a line each: the value of red: and its further lines.
named() {
  awk '/^red:/ {on = 1; sub(/^red:/, ""); print; next} on && /^[ \t]/ {print; next} {on = 0}' "$1" | tr ',' '\n' | tr -d ' \t' | grep . || true
}
# The rest: what stands before the program.
ask() {
  said=$("$@" HEADGATE_MUTANT="$mutant" CK_RUN_CASE="${test#*.}" "$bin/woven_${test%%.*}" 2>&1) && code=0 || code=$?
}
# 0: not seen; otherwise Check itself must say that a test failed, or this is no answer.
is_red() { [ "$code" -ne 0 ] && echo "$said" | grep -qE '(Failures|Errors): [1-9]'; }
for mutant in "$@"; do
  mutants=$((mutants + 1))
  for test in $(named "$catalogue/$mutant.mutant"); do
    tests=$((tests + 1))
    # In one process, which is quick; who ends it, never ends or only leaks is asked once more in a child of its own.
    ask timeout 60 env CK_FORK=no ASAN_OPTIONS=detect_leaks=0
    is_red || ask env
    if ! is_red; then
      echo "$mutant: $test is not red (exit $code)"
      bad=1
    fi
  done
done
echo "$mutants mutants, $tests tests asked"
[ "$tests" -gt 0 ] || bad=1
exit $bad
