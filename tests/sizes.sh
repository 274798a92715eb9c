#!/bin/sh
# The sizes of the house: no file over 600 lines, main.c under 150. Functions are measured by clang-tidy (tests/lint.sh).
set -eu
cd "$1"
long=$(find policy git webhooks agent tests -name '*.[ch]' -exec wc -l {} + | awk '$2 != "total" && $1 > 600 {print $1 " lines: " $2}')
[ -z "$long" ] || { echo "$long"; exit 1; }
[ "$(wc -l <agent/main.c)" -lt 150 ] || { echo "agent/main.c is too long"; exit 1; }
