"""The door's tables: takes nothing, gives users, their tokens, logins that failed, and who did what."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from ladle_server.access.kinds import USERS, Kind, Scope


class User(AbstractBaseUser):
    """Somebody who logs in. Django's password and session hash, and none of its permissions: `kinds` says who may."""

    name = models.TextField(unique=True)
    kind = models.TextField(choices=[(each.value, each.value) for each in USERS])
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"

    @property
    def is_staff(self) -> bool:
        """Whether they look after the others."""
        return self.kind == Kind.STAFF


class Token(models.Model):
    """What a program shows in place of a password. Kept as a digest: what is in the database opens nothing."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.TextField()
    scope = models.TextField(choices=[(each.value, each.value) for each in Scope])
    digest = models.TextField(unique=True)
    """SHA-256 in hex. A token has 256 bits of chance, so that no slow hash is needed."""
    begins = models.TextField()
    """Its first characters, by which its owner knows it again."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    """About: it is written once in an hour."""

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"


class Failures(models.Model):
    """Logins that failed of late, by name, by address, and by both."""

    key = models.TextField(primary_key=True)
    """A digest: somebody may have typed a password as a name."""
    number = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    until = models.DateTimeField()
    """No other attempt is looked at before."""

    def __str__(self) -> str:
        return f"{self.number} until {self.until}"


class Deed(models.Model):
    """Who did what, to what, when, and from where. Written once and never changed."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    who = models.TextField()
    """A user's name as it was then, `this machine`, `command line`, `settings`, or `an unknown name`."""
    token = models.TextField(default="", blank=True)
    """The name of the token that was shown."""
    deed = models.TextField()
    thing = models.TextField(default="", blank=True)
    address = models.TextField(default="", blank=True)
    request = models.TextField(default="", blank=True)
    """The request's id, under which the log may say more."""

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["at"], name="deed_at"), models.Index(fields=["who"], name="deed_who")]

    def __str__(self) -> str:
        return f"{self.at} {self.who}: {self.deed} {self.thing}"
