"""Numbers that are written as text: takes an expression of DuckDB's that is a text, gives one that is its number; pure.

A number is digits with at most one point, perhaps a sign before and an exponent behind, or with a comma at each
thousand, no exponent and less than 300 signs; white space may be around it. Anything else is none, and so is one that
a double can't hold.
"""

from __future__ import annotations

_GROUPED = r"\p{Zs}*[\t-\r ]*[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?[\t-\r ]*\p{Zs}*"
"""A number with commas does not begin with 0."""
_POSSIBLE = "({t} < ':' OR {t} >= chr(160))"
"""What begins otherwise is none: ":" follows "9", and from chr(160) on are Unicode's spaces."""
# Cheapest first: of a million texts, words are told by their first sign (10 ms), numbers are cast (0.15 s; what is no
# number takes twice that), and only a text with a comma costs a regular expression (0.1 s). What DuckDB's cast takes
# beyond numbers has a "_" in it, or "+-" before it, or is not finite.
_NUMBER = " ".join(
    (
        f"CASE WHEN NOT {_POSSIBLE} THEN NULL WHEN contains({{t}}, ',')",
        "THEN CASE WHEN length({t}) < 300 AND regexp_full_match({t}, '" + _GROUPED + "')",
        "THEN TRY_CAST(trim(replace({t}, ',', '')) AS DOUBLE) END",
        "WHEN contains({t}, '_') OR contains({t}, '+-') THEN NULL",
        "WHEN isfinite(TRY_CAST({t} AS DOUBLE)) THEN TRY_CAST({t} AS DOUBLE)",
        "WHEN trim({t}) <> {t} AND isfinite(TRY_CAST(trim({t}) AS DOUBLE)) THEN TRY_CAST(trim({t}) AS DOUBLE) END",
    )
)


def sql_of(expression: str) -> str:
    """The number in a text as DOUBLE, NULL where it is none: `1,358` is 1358, `unknown`, `1,35` and `nan` are NULL.

    `expression` is repeated, so it is best a column's name.
    """
    return _NUMBER.replace("{t}", expression)


def possible_sql(expression: str) -> str:
    """Whether a text may be a number, told by its first sign: true of every number."""
    return _POSSIBLE.replace("{t}", expression)
