#!/bin/sh
# What of policy/ its unit tests reach: lines, and each way of each branch, file by file, by gcov.
#
#   sh tests/coverage.sh            the table; exit 1 below 100 % of the lines or 98 % of the branches of the parser and evaluator
#                                   (tests/mutants/policy.sh --select)
#   sh tests/coverage.sh --missed   also every line, and every line with a branch, that is not reached
#
# Not counted: assertions (a broken invariant cannot be reached), what stops the process without memory, which
# tests/faults/oom plays, and what TEXT_ARG guards printf against.
set -eu
cd "$(dirname "$0")/.."
build=$PWD/build/coverage out=$PWD/build/coverage/gcov jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
objects=$build/CMakeFiles/headgate_policy.dir/policy
programs=$(ls tests/unit | sed -n 's/^\(test_\(policy_.*\|owners.*\|yaml.*\|toml\|bors_.*\|message\|message_equal\|distinct\|cases\|bad_policy\|facts_json\|text\|pushers\|orders\|forge_rules\|examples\|examples_attacks\)\)\.c$/\1/p')
evaluator=$(sh tests/mutants/policy.sh --select | tr "\n" " ")
missed=0
[ "${1:-}" != --missed ] || missed=1

mkdir -p "$out"
# shellcheck disable=SC2086
{ cmake --preset coverage && cmake --build build/coverage -j "$jobs" --target $programs; } >"$out/build.log" 2>&1 ||
  { tail -n 30 "$out/build.log" && exit 2; }
find "$build" -name '*.gcda' -delete
for program in $programs; do
  CK_VERBOSITY=silent CK_FORK=no "$build/bin/$program" >"$out/$program.log" 2>&1 ||
    echo "$program fails; what it reaches counts all the same"
done
rm -f "$build"/*.gcov "$out"/*.gcov
# From where the compiler ran, so that its names of the sources hold: from there, or, without a cache of objects, from the root.
ln -sfn "$PWD/policy" "$build/policy"
(cd "$build" && gcov --branch-probabilities --branch-counts --object-directory "$objects" "$objects"/*.gcda >"$out/gcov.log" 2>&1)
mv "$build"/*.gcov "$out"
for file in policy/*.c; do
  set -- "$@" "$out/$(basename "$file").gcov"
  [ -f "$out/$(basename "$file").gcov" ] || { echo "no figures of $file" && exit 2; }
done
[ "$missed" -eq 0 ] || shift
awk -v missed="$missed" -v evaluator=" $evaluator" -f tests/coverage.awk "$@"
