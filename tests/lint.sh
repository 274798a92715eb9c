#!/bin/sh
# Format and static analysis, as a command of its own: needs clang-format and clang-tidy, and takes minutes.
#   sh tests/lint.sh [FILE...]
set -eu
cd "$(dirname "$0")/.."
for tool in clang-format clang-tidy; do
  command -v $tool >/dev/null 2>&1 || { echo "lint: install $tool"; exit 1; }
done
[ $# -gt 0 ] || set -- $(git ls-files 'policy/*.c' 'git/*.c' 'webhooks/*.c' 'agent/*.c' 'tests/*.c' 'policy/*.h' 'git/*.h' 'webhooks/*.h' 'agent/*.h' 'tests/*.h')
clang-format --dry-run -Werror "$@"
cmake --preset lint >/dev/null
sources=$(printf '%s\n' "$@" | grep '\.c$' || true)
# One file per run: the analyzer's va_list and uninitialised-value checkers are wrong about a second one.
# shellcheck disable=SC2086
[ -z "$sources" ] || printf '%s\n' $sources | xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 clang-tidy --quiet -p build/lint
