"""The tables of webhooks: takes nothing, gives who is told of runs' ends, and each delivery with what came of it.

They are told with the other tables (`catalog.models`); a run is named by a word here, since its table stands there.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Webhook(models.Model):
    """An address that is told when runs end. Its secret is not here: see `catalog.hooks.secret`."""

    id = models.BigAutoField(primary_key=True)
    url = models.TextField()
    datasets = models.JSONField(default=list)
    """`*`, `swapi/*` or `swapi/people`, any number of them."""
    ends = models.JSONField(default=list)
    """Which ends of runs: complete, incomplete, failed, cancelled."""
    salt = models.TextField()
    mark = models.TextField()
    """By which its secret can be known to be the one that was shown."""
    site = models.TextField(default="", blank=True)
    """Where the site was found when the webhook was added: its links lead there. Empty: they are paths."""
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)
    reason = models.TextField(default="", blank=True)
    """Why it is disabled."""

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"webhook {self.id}"


class Delivery(models.Model):
    """What a webhook is to be told of one run's end, and how that went. Without a run it is a test."""

    class State(models.TextChoices):
        """How it stands."""

        PENDING = "pending"
        DELIVERED = "delivered"
        GIVEN_UP = "given up"

    id = models.BigAutoField(primary_key=True)
    key = models.TextField(unique=True)
    """The header webhook-id: the same at every attempt."""
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    run = models.ForeignKey("catalog.Run", on_delete=models.CASCADE, null=True, related_name="deliveries")
    end = models.TextField()
    """The run's state when it ended; of a test "test"."""
    ended_at = models.DateTimeField()
    snapshot = models.TextField(default="", blank=True)
    why = models.TextField(default="", blank=True)
    """The reason of the run's end."""
    body = models.TextField(default="", blank=True)
    """Made for the first attempt, and kept for those after it."""
    state = models.TextField(choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    """All of them, also those before somebody had it sent again. It is the fence of who notes what came of one."""
    tries = models.PositiveIntegerField(default=0)
    """Attempts since it was to be sent last: they say how long to wait for the next."""
    due_at = models.DateTimeField()
    """The next attempt is not before."""
    busy_until = models.DateTimeField(null=True)
    """Until then a worker is making the call, and no other may; None: nobody is."""
    told_at = models.DateTimeField(null=True)
    """When the last attempt ended."""
    status = models.PositiveIntegerField(null=True)
    """What was answered last."""
    reason = models.TextField(default="", blank=True)
    """Why the last attempt failed."""

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["state", "due_at"], name="delivery_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["webhook", "run", "ended_at"], name="one_delivery_for_each_end"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"
