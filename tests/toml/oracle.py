"""What Python's tomllib makes of a document, in one line as tests/support/toml_dump.h describes it; "refused" where it
refuses it, None where a limit of Python itself (recursion, digits) leaves the answer open."""

import datetime
import tomllib


class Float:
    """A float as it is written."""

    def __init__(self, text):
        self.text = text


def text_line(text):
    out = []
    for byte in text.encode("utf-8"):
        plain = 0x20 <= byte <= 0x7E and byte not in b'"\\'
        out.append(chr(byte) if plain else "\\x%02x" % byte)
    return '"' + "".join(out) + '"'


def line(value):
    if isinstance(value, dict):
        return "{" + ",".join(text_line(k) + ":" + line(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(line, value)) + "]"
    if isinstance(value, str):
        return text_line(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if -(2**63) <= value < 2**63 else "wide"
    if isinstance(value, Float):
        return "f:" + value.text
    assert isinstance(value, (datetime.date, datetime.time)), type(value)
    return "t:" + value.isoformat()


def answer(document):
    try:
        return line(tomllib.loads(document.decode("utf-8"), parse_float=Float))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return "refused"
    except (RecursionError, ValueError):
        return None
