#!/bin/sh
# The hooks' client is a static program: no interpreter, no library, and nothing of the libraries that the server has.
# 77: the toolchain has no static C library.
#   sh tests/static.sh PROGRAM HAS_STATIC_LIBC
set -eu
program=$(basename "$1")
case $2 in
  1 | ON | TRUE) ;;
  *) echo "skipped: this toolchain has no static C library, so that $program is a dynamic program here"; exit 77 ;;
esac
bad=0
refuse() { # $1: what was found, $2: what that means
  [ -z "$1" ] || { echo "$program is not the static program that it must be: $2: $1"; bad=1; }
}
segments=$(readelf -lW "$1") dynamic=$(readelf -dW "$1") names=$(nm "$1")
echo "$segments" | grep -q LOAD || { echo "$1 is no program"; exit 1; }
echo "$names" | grep -q ' main$' || { echo "$1 has no names of functions, so that nobody can say what is in it"; exit 1; }
refuse "$(echo "$segments" | sed -n 's/.*Requesting program interpreter: \(.*\)\]/\1/p')" "it asks for an interpreter"
refuse "$(echo "$dynamic" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | tr '\n' ' ')" "it needs libraries"
refuse "$(echo "$names" | grep -oE ' (git_(libgit2|repository|odb)|curl_|sqlite3_|EVP_|json_|MHD_|pcre2_|fy_)[a-zA-Z0-9_]*' |
  head -3 | tr '\n' ' ')" "a library of the server is in it"
exit $bad
