"""Numbers that are written as text: takes an expression of DuckDB's that is a text, gives one that is its number; pure.

A number is digits with at most one point, perhaps a sign before and an exponent behind, or with a comma at each
thousand and no exponent; white space may be around it. Anything else is none, and so is one that a double can't hold.
"""

from __future__ import annotations

_FINITE = "BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308"  # NaN is above all, infinity beyond both ends
_GROUPED = r"\p{Zs}*[\t-\r ]*[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3}){1,99}(?:\.[0-9]*)?[\t-\r ]*\p{Zs}*"
"""A number with commas does not begin with 0, and is never too large for a double."""
# Cheapest first: of a million texts, words are told by their first sign (10 ms), numbers are cast (0.15 s; what is no
# number takes twice that), and only a text with a comma costs a regular expression (0.1 s). ":" follows "9"; from
# chr(160) on are Unicode's spaces. What DuckDB's cast takes beyond numbers has a "_" in it, or "+-" before it.
_NUMBER = " ".join(
    (
        "CASE WHEN NOT ({t} < ':' OR {t} >= chr(160)) THEN NULL WHEN contains({t}, ',')",
        "THEN CASE WHEN regexp_full_match({t}, '" + _GROUPED + "')",
        "THEN TRY_CAST(trim(replace({t}, ',', '')) AS DOUBLE) END",
        "WHEN contains({t}, '_') OR contains({t}, '+-') THEN NULL",
        "WHEN TRY_CAST({t} AS DOUBLE)",
        _FINITE,
        "THEN TRY_CAST({t} AS DOUBLE)",
        "WHEN trim({t}) <> {t} AND TRY_CAST(trim({t}) AS DOUBLE)",
        _FINITE,
        "THEN TRY_CAST(trim({t}) AS DOUBLE) END",
    )
)


def sql_of(expression: str) -> str:
    """The number in a text as DOUBLE, NULL where it is none: `1,358` is 1358, `unknown`, `1,35` and `nan` are NULL.

    `expression` is repeated, so it is best a column's name.
    """
    return _NUMBER.replace("{t}", expression)
