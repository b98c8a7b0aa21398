"""Users as people want them: takes names, kinds and passwords, gives rows of `User`, checked and kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from ladle.errors import BadInput, Conflict, NotFound, SettingError, unknown
from ladle_server.access.kinds import USERS, Kind
from ladle_server.access.models import User
from ladle_server.catalog.reaching import one_at_a_time, storable

LONGEST_PASSWORD = 200
"""Characters: to hash a megabyte takes a server's time."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
_LAST = "There is no other user of the kind staff who could log in."


def add(name: str, *, kind: str, password: str) -> User:
    """A new user. Raises BadInput for a name, kind or password that can't be, Conflict for a name that is taken."""
    name = _checked_name(name)
    if kind not in USERS:
        raise BadInput(unknown("kind of user", kind, USERS))
    with transaction.atomic():
        one_at_a_time("users")
        if User.objects.filter(name=name).exists():
            raise Conflict(f'There is a user "{name}" already.', hint="Take another name.")
        user = User(name=name, kind=kind, created_at=datetime.now(UTC))
        _set_password(user, password)
        user.save()
    return user


def get(name: str) -> User:
    """The user of that name; raises NotFound."""
    found = User.objects.filter(name=storable(name.lower())).first()
    if found is None:
        raise NotFound(f'There is no user "{name[:64]}".', hint="List them with: ladle users list")
    return found


def change(name: str, *, kind: str | None = None, active: bool | None = None) -> User:
    """The user, now of another kind, disabled or enabled. Raises Conflict where nobody of the kind staff were left."""
    if kind is not None and kind not in USERS:
        raise BadInput(unknown("kind of user", kind, USERS))
    with transaction.atomic():
        one_at_a_time("users")
        user = get(name)
        user.kind = kind or user.kind
        user.is_active = user.is_active if active is None else active
        if not (user.is_active and user.is_staff):
            _keep_one(user)
        user.save(update_fields=["kind", "is_active"])
    return user


def remove(name: str) -> None:
    """Forget the user and their tokens; the audit log keeps the name. Raises Conflict for the last of staff."""
    with transaction.atomic():
        one_at_a_time("users")
        user = get(name)
        _keep_one(user)
        user.delete()


def set_password(user: User, password: str) -> None:
    """Another password; every session that was begun with the old one has ended. Raises BadInput for a weak one."""
    _set_password(user, password)
    user.save(update_fields=["password"])


def check(name: str, password: str) -> User | None:
    """The user who has that password and may log in. It takes the same time whether or not there is such a user."""
    user = User.objects.filter(name=storable(name.lower()), is_active=True).first()
    if len(password) > LONGEST_PASSWORD:
        return None
    if user is None:
        make_password(password)
        return None
    return user if check_password(password, user.password, setter=lambda raw: _again(user, raw)) else None


def has_password(user: User, password: str) -> bool:
    """Whether it is theirs."""
    return len(password) <= LONGEST_PASSWORD and check_password(password, user.password)


def make_first(first: tuple[str, str] | None, *, why: str) -> User | None:
    """The user of the settings, where there is none yet who could let others in.

    Raises SettingError where people must log in and nobody can.
    """
    if _staff().exists():
        return None
    if first is not None and not User.objects.exists():
        return add(first[0], kind=Kind.STAFF, password=first[1])
    if why:
        hint = (
            "Make the first: ladle users add NAME --staff (it asks for a password). "
            "Or set LADLE_FIRST_USER and LADLE_FIRST_PASSWORD for the first start."
        )
        raise SettingError(f"{why[0].upper()}{why[1:]}, and there is no user of the kind staff.", hint=hint)
    return None


def _staff() -> QuerySet[User]:
    return User.objects.filter(kind=Kind.STAFF, is_active=True)


def _keep_one(user: User) -> None:
    """Where people log in, somebody must be able to let the others in."""
    if settings.LADLE_LOGIN and not _staff().exclude(pk=user.pk).exists():
        raise Conflict(_LAST, hint="Add one first: ladle users add NAME --staff")


def _again(user: User, password: str) -> None:
    """Hash it anew, where hashes have become slower since."""
    user.password = make_password(password)
    user.save(update_fields=["password"])


def _checked_name(name: str) -> str:
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        hint = "Take letters, digits and . _ @ + -, 64 at most: ada, or ada@example.org."
        raise BadInput(f"\"{name[:64]}\" can't be a user's name.", hint=hint)
    return name


def _set_password(user: User, password: str) -> None:
    if len(password) > LONGEST_PASSWORD:
        raise BadInput(f"The password has {len(password):,} characters.", hint=f"Take {LONGEST_PASSWORD} at most.")
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        raise BadInput(" ".join(error.messages), hint="Take a few words that do not belong together.") from error
    user.set_password(password)
