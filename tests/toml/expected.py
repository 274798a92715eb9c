"""Writes again what tomllib makes of each document of the corpus:

  expected.py CORPUS > CORPUS/expected.tsv    a line for each NAME.toml: NAME, tab, the answer (oracle.py)
"""

import pathlib
import sys

import oracle

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.toml")):
    answer = oracle.answer(path.read_bytes())
    if answer is None:
        sys.exit("%s: open, by a limit of Python's" % path)
    print("%s\t%s" % (path.stem, answer))
