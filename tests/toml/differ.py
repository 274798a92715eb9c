"""Python's tomllib and our reader over the same documents: the corpus, and made and bent ones.

  differ.py PROGRAM CORPUS [COUNT [SEED]]

Prints how many documents were compared; ends with 1 and each difference where there is one, with 77 where this Python
has no tomllib."""

import pathlib
import random
import subprocess
import sys

try:
    import oracle
except ImportError:
    print("skipped: python3 is older than 3.11 and has no tomllib")
    sys.exit(77)

BATCH = 5000
NAMES = ["a", "b", "c", "status", "pr-status", "1", "-", "_", '"a"', "'b'", '""', "''", '"a.b"', "'c d'", '"\\u00e9"', "é", ""]
BLANKS = ["", "", "", " ", "\t", "  "]
ENDS = ["\n", "\n", "\n", "\n", "\r\n", "\n\n", " # c\n", "#é\r\n", " ", "", "\r"]
SCALARS = """true false inf nan +inf -nan 0 1 -1 +7 1_000 1__0 01 0x1F 0xdead_beef 0o17 0b101 0x 0b2 -0 +0 -0x1 9223372036854775807
9223372036854775808 -9223372036854775808 -9223372036854775809 0xffffffffffffffffff 1.5 -0.0 1. .5 1e5 1E+5_0 1e 1.e1 6.02_2e-23
1979-05-27 1979-05-27T07:32:00Z 1979-05-27t07:32:00.5z 2000-02-29 1900-02-29 2001-02-29 0000-01-01 1979-13-01 1979-5-27 07:32:00
07:32:00.999999999 07:32 24:00:00 07:32:60 1979-05-27T07:32:00-07:30 1979-05-27T07:32:00-00:00 1979-05-27T07:32:00+24:00 True ci
1979-05-27T07:32 12:00:00Z infx -inf_ truefalse""".split() + ["1979-05-27 07:32:00", "1979-05-27 07:32:00.10+01:00", "1979-05-27 7", ""]
TEXTS = ['"x"', "'x'", '""', "''", '"""x"""', "'''x'''", '""""""', "''''''", '""""x"""""', "''''x'''''", '"\\n\\t\\"\\\\"', '"\\q"',
         '"\\u12"', '"\\ud800"', '"\\U0010ffff"', '"\\U00110000"', '"\\u0000"', '"""\nx\n"""', "'''\r\nx\r\ny'''", '"""x \\\n   y"""',
         '"""x \\  \n\n y"""', '"""x \\ y"""', '"""x \\\t\n y"""', '"x', "'x", '"x\ny"', "'x\ny'", '"""x', "'''x''", '"é"', "'\t'", '"\x01"', "'\x7f'",
         '"""""""""', '"""\\"""', '"""a\\""""', "'\\'", '"#"', '"\u2028"', '"\ufeff"', '"\U0001f6ab"']
SPICE = ["[", "]", "[[", "]]", "{", "}", ",", "=", ".", "#", '"', "'", '"""', "'''", "\\", "\n", "\r\n", "\r", " ", "\t", "0", "_", "-",
         "+", ":", "T", "Z", "e", "a", "x", "\x00", "\x7f", "\x1f", "é", "\ufeff", "\u2028", "true", "inf", "[a]\n", "[[a]]\n",
         "a.b = 1\n", "[a.b]\n", "{a = 1}", "[1]", "a = 1\n"]


def key(dice):
    parts = 1 if dice.random() < 0.6 else dice.randint(2, 4)
    dot = dice.choice(BLANKS) + "." + dice.choice(BLANKS)
    return dot.join(dice.choice(NAMES[:4] if dice.random() < 0.85 else NAMES) for _ in range(parts))


def value(dice, depth=0):
    roll = dice.random()
    if depth < 3 and roll < 0.15:
        gap = dice.choice(["", " ", "\n", " # c\n", "\r\n"])
        inner = ("," + gap).join(value(dice, depth + 1) for _ in range(dice.randint(0, 3)))
        return "[" + gap + inner + gap + dice.choice(["", "", ",", ",,"]) + gap + "]"
    if depth < 3 and roll < 0.3:
        inner = ", ".join(pair(dice, depth + 1) for _ in range(dice.randint(0, 3)))
        return "{" + dice.choice(BLANKS) + inner + dice.choice(["", "", "", ",", "\n"]) + "}"
    if roll < 0.65:
        return dice.choice(TEXTS if dice.random() < 0.5 else TEXTS[:10])
    return dice.choice(SCALARS if dice.random() < 0.5 else SCALARS[:9])


def pair(dice, depth=0):
    return key(dice) + dice.choice(BLANKS) + "=" + dice.choice(BLANKS) + value(dice, depth)


def simple_pair(dice):
    return key(dice) + " = " + dice.choice(["1", "{}", "[]", "[{}]", "{a=1}", "{a.b=1}", "'x'"])


def statement(dice, plain):
    roll = dice.random()
    name = key(dice)
    if roll < 0.25:
        text = "[" + dice.choice(BLANKS) + name + dice.choice(BLANKS) + "]"
    elif roll < 0.4:
        text = "[[" + name + "]]"
    elif roll < 0.45:
        text = "# c"
    else:
        text = simple_pair(dice) if plain else pair(dice)
    return dice.choice(BLANKS) + text + ("\n" if plain else dice.choice(ENDS))


def made(dice):
    plain = dice.random() < 0.5  # tables that meet each other, with few other mistakes
    return "".join(statement(dice, plain) for _ in range(dice.randint(1, 7))).encode("utf-8")


def bent(dice, document):
    text = bytearray(document)
    for _ in range(dice.randint(1, 3)):
        at = dice.randint(0, len(text))
        roll = dice.random()
        if roll < 0.45:
            text[at:at] = dice.choice(SPICE).encode("utf-8")
        elif roll < 0.75:
            del text[at : at + dice.randint(1, 4)]
        elif roll < 0.9 and text:
            start = dice.randrange(len(text))
            text[at:at] = text[start : start + dice.randint(1, 20)]
        elif text:
            text[at % len(text)] = dice.randrange(256)
    return bytes(text)


def answers(program, documents):
    fed = b"".join(b"%d\n%s" % (len(d), d) for d in documents)
    out = subprocess.run([program], input=fed, stdout=subprocess.PIPE, check=True).stdout
    lines = out.decode("ascii", "backslashreplace").split("\n")[:-1]
    if len(lines) != len(documents):
        raise SystemExit("%d answers to %d documents" % (len(lines), len(documents)))
    return lines


class Count:
    compared = taken = open = bad = 0


def compare(program, documents, count):
    for document, ours in zip(documents, answers(program, documents)):
        theirs = oracle.answer(document)
        if theirs is None or ours.endswith(": nested too deeply"):
            count.open += 1
            continue
        count.compared += 1
        count.taken += theirs != "refused"
        if (ours.split(" ")[0] if theirs == "refused" else ours) != theirs:
            count.bad += 1
            print("%r\n  tomllib: %s\n  ours:    %s" % (document, theirs, ours))


def main(program, corpus, wanted=20000, seed=1):
    dice = random.Random(int(seed))
    count = Count()
    seeds = [path.read_bytes() for path in sorted(pathlib.Path(corpus).glob("*.toml"))]
    if not seeds:
        raise SystemExit("no documents in " + corpus)
    compare(program, seeds, count)
    left = int(wanted)
    while left > 0 and count.bad < 20:
        batch = []
        for _ in range(min(left, BATCH)):
            new = made(dice) if dice.random() < 0.5 else bent(dice, dice.choice(seeds) if dice.random() < 0.5 else made(dice))
            batch.append(new)
        left -= len(batch)
        compare(program, batch, count)
    print("%d documents compared, %d of them taken, %d left open by a limit, %d differ"
          % (count.compared, count.taken, count.open, count.bad))
    return 1 if count.bad or not count.taken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
