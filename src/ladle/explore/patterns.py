"""Patterns as people write them: takes one of LIKE or GLOB, gives the regular expression that means the same; pure."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[^\w\s]", re.ASCII)


def from_like(pattern: str) -> str:
    """`%` is any text, `_` any one character, everything else itself.

    >>> from_like("100%_a.b")
    '100.*.a\\\\.b'
    """
    return "".join({"%": ".*", "_": "."}.get(sign) or _literal(sign) for sign in _once(pattern, "%"))


def from_glob(pattern: str) -> str:
    """`*` is any text, `?` any one character, `[abc]` and `[a-z]` one of these, `[^a]` none of them.

    >>> from_glob("[A-F]*?.txt"), from_glob("[^]a]b["), from_glob("[z-a]")
    ('[A-F].*.\\\\.txt', '[^\\\\]a]b\\\\[', '\\\\[z\\\\-a\\\\]')
    """
    pattern, written, at = _once(pattern, "*"), "", 0
    while at < len(pattern):
        sign = pattern[at]
        end = _end(pattern, at) if sign == "[" else None
        if end is not None and (group := _group(pattern[at + 1 : end])):
            written += group
            at = end + 1
            continue
        written += {"*": ".*", "?": "."}.get(sign) or _literal(sign)
        at += 1
    return written


def _once(pattern: str, sign: str) -> str:
    """Any text twice over is any text."""
    return re.sub(f"{re.escape(sign)}+", sign, pattern)


def _literal(sign: str) -> str:
    return f"\\{sign}" if _SIGNS.match(sign) and ord(sign) < 128 else "\\x00" if sign == "\0" else sign


def _end(pattern: str, at: int) -> int | None:
    """Where a group that begins at `at` ends; a bracket right at its beginning belongs to it."""
    begin = at + 1 + (pattern[at + 1 : at + 2] in ("^", "!"))
    end = pattern.find("]", begin + 1)
    return end if end > 0 else None


def _group(inner: str) -> str:
    """The same as a class of a regular expression; nothing for a range that goes backwards, which is then literal."""
    negated = inner[:1] in ("^", "!")
    rest = inner[1:] if negated else inner
    written, at = "", 0
    while at < len(rest):
        if rest[at + 1 : at + 2] == "-" and at + 2 < len(rest):
            if rest[at] > rest[at + 2]:
                return ""
            written += f"{_literal(rest[at])}-{_literal(rest[at + 2])}"
            at += 3
        else:
            written += _literal(rest[at])
            at += 1
    return f"[{'^' if negated else ''}{written}]" if written else ""
