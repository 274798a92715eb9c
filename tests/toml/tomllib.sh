#!/bin/sh
# Our TOML reader against Python's tomllib: the corpus, its stored answers, and 20000 made and bent documents (or COUNT,
# from SEED). 77: there is no python3 of 3.11 or later.
#   sh tests/toml/tomllib.sh PROGRAM [COUNT [SEED]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
corpus=$here/../data/toml
command -v python3 >/dev/null 2>&1 || { echo "skipped: there is no python3"; exit 77; }
export PYTHONDONTWRITEBYTECODE=1
python3 "$here/differ.py" "$1" "$corpus" "${2:-20000}" "${3:-1}" || exit $?
answers=$(mktemp)
trap 'rm -f "$answers"' EXIT
python3 "$here/expected.py" "$corpus" >"$answers"
diff "$corpus/expected.tsv" "$answers" || { echo "stored answers (<) are not what tomllib says (>)"; exit 1; }
