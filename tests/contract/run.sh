#!/bin/sh
# The contract: end-to-end tests with Prism and the forge's own OpenAPI description between the agent and the world.
#
#   sh tests/contract/run.sh [BIN]     with the programs in BIN (build/dev/bin)
#   sh tests/contract/run.sh --fetch   only has what it needs ready
#
# 0: no violation. 77: it cannot run here, and says why (no Node.js, or no registry and nothing cached).
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
top=$(CDPATH='' cd -- "$here/../.." && pwd)
home=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
cache=${home:-$top/build}/headgate-contract
mkdir -p "$cache"

# $1: folder of a lock file; the rest: where to. Prints node_modules.
fetch() {
  code=0
  sh "$top/tests/npm/fetch.sh" "$2" "$here/$1" || code=$?
  [ "$code" -eq 0 ] || [ "$code" -eq 77 ] ||
    (cd "$cache" && npm ping --fetch-retries=0 --fetch-timeout=10000 >/dev/null 2>&1) ||
    { echo "skipped: the registry of npm packages cannot be reached, and nothing is cached" >&2 && code=77; }
  return "$code"
}
hash_of() { cat "$@" | sha256sum | cut -c1-16; }

packages=$(fetch prism "$cache")

# The package holds 394 MB of descriptions: one of them is kept.
whole=$cache/github-$(hash_of "$here/openapi/package-lock.json").json
if [ ! -s "$whole" ]; then
  passing=$(mktemp -d "$cache/.openapi.XXXXXX")
  trap 'rm -rf "$passing"' EXIT
  unpacked=$(fetch openapi "$passing")
  cp "$unpacked/@octokit/openapi/generated/api.github.com.json" "$passing/one.json"
  mv "$passing/one.json" "$whole"
  rm -rf "$passing"
fi
slim=$cache/slim-$(hash_of "$whole" "$here/operations.txt" "$here"/*.js).json
if [ ! -s "$slim" ]; then
  node "$here/extract.js" "$whole" "$slim.$$"
  mv "$slim.$$" "$slim"
fi
[ "${1:-}" != --fetch ] || exit 0

# What the agent names and what the table names are the same.
named=$(grep -ohE '"/[a-z_]+/[^" ]*(\*|per_page)[^" ]*"' "$top"/agent/forge/*.c | sed -E 's/"//g; s/\?.*//' | sort -u)
listed=$(sed -nE 's/^[A-Z]+ +//p' "$here/operations.txt" | sed -E 's/\{[^}]+\}/*/g' | sort -u)
if [ "$named" != "$listed" ]; then
  echo "agent/forge names: "$named
  echo "operations.txt lists: "$listed
  exit 1
fi

bin=$(CDPATH='' cd -- "${1:-$top/build/dev/bin}" && pwd)
node "$here/contract.js" "$packages" "$slim" \
  "$bin/test_gates" "$bin/headgate-story --once --port 0" "$bin/test_app" "$bin/test_push" "$bin/test_cli" \
  "$bin/test_missed" "$bin/test_rest" "$bin/test_asked" "$bin/test_tools"
