#!/bin/sh
# fetch.sh DIR [LOCKS]: installs what the lock file in LOCKS (this folder: the recorded payloads) names, once per lock
# file below DIR, and prints the path of node_modules.
# Without a usable Node.js it names the reason and exits 77, which callers count as skipped.
set -eu

skip() {
	echo "skipped: $1" >&2
	exit 77
}

[ $# -eq 1 ] || [ $# -eq 2 ] || { echo "usage: fetch.sh DIR [LOCKS]" >&2; exit 2; }
here=$(CDPATH='' cd -- "${2:-$(dirname -- "$0")}" && pwd)
hash=$(cat "$here/package.json" "$here/package-lock.json" | sha256sum | cut -c1-16)
target=$1/$hash

if [ ! -d "$target/node_modules" ]; then
	command -v node >/dev/null 2>&1 || skip "no Node.js (18.20 or newer is needed)"
	command -v npm >/dev/null 2>&1 || skip "no npm beside Node.js"
	node -e 'const [a, b] = process.versions.node.split(".").map(Number);
		process.exit(a > 18 || (a === 18 && b >= 20) ? 0 : 1)' ||
		skip "Node.js $(node --version) is older than 18.20"
	mkdir -p "$1"
	fresh=$(mktemp -d "$1/.fresh.XXXXXX")
	trap 'rm -rf "$fresh"' EXIT
	cp "$here/package.json" "$here/package-lock.json" "$fresh/"
	(cd "$fresh" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
		{ echo "fetch.sh: npm could not install what $here/package-lock.json names" >&2; exit 1; }
	chmod 755 "$fresh"
	mv "$fresh" "$target" 2>/dev/null || [ -d "$target/node_modules" ] # another run may have been first
fi
CDPATH='' cd -- "$target/node_modules" && pwd
