#!/bin/sh
# The hardening that was asked of the compiler is in the program: position independent, read-only relocations bound at
# start, no executable stack, stack protector and fortified calls.
set -eu
bad=0
want() { # $1: what, $2: expression, $3: text
  echo "$3" | grep -qE "$2" || { echo "missing: $1"; bad=1; }
}
want "position independent executable" 'Type:.*DYN' "$(readelf -h "$1")"
want "GNU_RELRO" GNU_RELRO "$(readelf -lW "$1")"
want "BIND_NOW" 'BIND_NOW|FLAGS_1.*NOW' "$(readelf -dW "$1")"
want "stack protector" __stack_chk_fail "$(nm -D "$1")"
want "fortified calls" '_chk' "$(nm -D "$1")"
readelf -lW "$1" | grep GNU_STACK | grep -q 'RWE' && { echo "executable stack"; bad=1; }
exit $bad
