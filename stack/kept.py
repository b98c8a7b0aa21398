"""Takes a folder, gives the passwords of a stack: made on the first start, kept there for their owner's eyes."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "passwords.json"
FLOWER = "FLOWER_BASIC_AUTH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    """One for each part that asks for one."""

    postgres: str
    valkey: str
    s3: str
    site: str
    """What LADLE_SECRET_KEY is to be."""
    flower: str


def passwords(folder: Path) -> tuple[Passwords, bool]:
    """Those of the folder, and whether they are new."""
    path = folder / FILE
    if path.exists():
        return Passwords(**json.loads(path.read_text("utf-8"))), False
    made = Passwords(**{name: secrets.token_hex(32) for name in Passwords.__dataclass_fields__})
    write_private(path, json.dumps(asdict(made), indent=2))
    return made, True


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.draft")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def user_of_flower(env: Mapping[str, str], made: Passwords) -> str:
    """What Flower asks for, as `user:password`: that of the environment, else that of the folder."""
    return env.get(FLOWER, "").strip() or f"ladle:{made.flower}"
