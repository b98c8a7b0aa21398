"""A column as a choice of a form: takes its name, gives what is read of it and the choice's value, and back; pure.

The form's blank choice is sent as an empty value and means no column. So the column without a name is sent as `""`, and
a name that is made of quotes alone in two more of them: no two columns are the same choice. Any other name is itself,
and can be typed.
"""

from __future__ import annotations


def choice_of(name: str) -> str:
    """A column's name as the value of a choice.

    >>> print(choice_of("mass"), choice_of(""), choice_of('""'))
    mass "" \"\"\"\"
    """
    return name if name.strip('"') else f'"{name}"'


def named_by(choice: str) -> str:
    """The name of the column that a choice, which is not blank, stands for.

    >>> [named_by(choice_of(name)) for name in ("mass", "", '"', '""', '"a"')]
    ['mass', '', '"', '""', '"a"']
    """
    return choice if choice.strip('"') or len(choice) == 1 else choice[1:-1]


def called(name: str) -> str:
    """What people read of a column, also of the one without a name."""
    return name or '""'
