"""The site's tables: takes nothing, gives runs (who drives them, who helps), snapshots (a cache), collection requests,
schedules, webhooks and what they deliver.

The files of the home are the truth about data; a row of `Run` is the truth about who drives a run.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ladle_server.catalog.models_of_hooks import Delivery as Delivery
from ladle_server.catalog.models_of_hooks import Webhook as Webhook


class State(models.TextChoices):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    FINISHING = "finishing"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RequestedBy(models.TextChoices):
    """Whence a run was asked for."""

    SITE = "site"
    API = "api"
    COMMAND_LINE = "command line"
    SCHEDULE = "schedule"


class Run(models.Model):
    """One collection of one dataset, and which worker drives it until when."""

    id = models.TextField(primary_key=True)
    dataset = models.TextField()
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    requested_by = models.TextField(choices=RequestedBy.choices)
    idempotency_key = models.TextField(unique=True, null=True)
    """Of rows that the first Ladle made; keys are told by `UsedKey` now."""
    ours = models.BooleanField(default=True)
    """The worker drives it; the command line drives its own runs, until one is resumed from the site."""
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    wake_at = models.DateTimeField(null=True)
    """Not before then: the run waits for quota and holds no worker."""
    worker = models.TextField(default="", blank=True)
    lease_until = models.DateTimeField(null=True)
    """The worker's claim ends then unless renewed; None: nobody drives it."""
    offered_at = models.DateTimeField(null=True)
    """The broker was told then that the run can be driven; None: not since it was driven last."""
    fence = models.PositiveIntegerField(default=0)
    """Grows with every claim: what an earlier worker still says is ignored."""
    snapshot = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="run_newest"),
            models.Index(fields=["ended_at", "created_at"], name="run_live"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.dataset} {self.state}"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.ended_at is not None

    @property
    def took(self) -> float | None:
        """Seconds from its first moment to its last; None while it has not ended."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()


class ShareState(models.TextChoices):
    """Where a share stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    CALLED_BACK = "called back"
    """Its helper is to stop, and has not said yet that it did."""
    OVER = "over"


class Share(models.Model):
    """Requests of a run that another worker than its driver makes, and which does so until when."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="shares")
    fence = models.PositiveIntegerField()
    """The run's, when it was given: of an earlier driver's shares nothing is made any more."""
    journal = models.PositiveIntegerField()
    """The driver's fence in the run's journal."""
    number = models.PositiveIntegerField()
    """From 1, of that driver."""
    requests = models.TextField()
    state = models.TextField(choices=ShareState.choices, default=ShareState.WAITING)
    worker = models.TextField(default="", blank=True)
    lease_until = models.DateTimeField(null=True)
    """The helper's claim ends then unless renewed."""

    class Meta:
        ordering: ClassVar = ["run", "fence", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "fence", "number"], name="share_number")]

    def __str__(self) -> str:
        return f"share {self.number} of {self.run_id}: {self.state}"


class Snapshot(models.Model):
    """What the lists show of a manifest in the home."""

    id = models.TextField(primary_key=True)
    source = models.TextField()
    dataset = models.TextField()
    taken_at = models.DateTimeField()
    rows = models.BigIntegerField()
    columns = models.PositiveIntegerField()
    requests = models.PositiveIntegerField()
    complete = models.BooleanField()
    size_csv = models.BigIntegerField()
    """Bytes."""

    class Meta:
        ordering: ClassVar = ["-taken_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-taken_at", "-id"], name="snapshot_newest"),
            models.Index(fields=["source", "dataset", "-taken_at"], name="snapshot_of_dataset"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.full_name}"

    @property
    def full_name(self) -> str:
        """`swapi/people`."""
        return f"{self.source}/{self.dataset}"


class CollectionRequest(models.Model):
    """A collection of the weather of all cities under an id that the caller chose."""

    id = models.BigIntegerField(primary_key=True)
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="collection_request")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"collection request {self.id}"


class Missed(models.TextChoices):
    """What follows when due times were missed."""

    RUN = "run"
    SKIP = "skip"


class Schedule(models.Model):
    """When a dataset is to be collected by itself, and with which parameters."""

    id = models.BigAutoField(primary_key=True)
    dataset = models.TextField()
    cron = models.TextField()
    """Five fields, or @daily."""
    time_zone = models.TextField()
    parameters = models.JSONField(default=dict)
    """Texts by name, of a list what it is called."""
    files = models.JSONField(default=dict)
    """The texts of those parameters that are lists, by name."""
    missed = models.TextField(choices=Missed.choices, default=Missed.RUN)
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    """When it is due next; None: it is paused, or never due again."""

    class Meta:
        ordering: ClassVar = ["dataset", "id"]
        indexes: ClassVar = [models.Index(fields=["next_at"], name="schedule_next")]

    def __str__(self) -> str:
        return f"schedule {self.id} of {self.dataset}: {self.cron}"


class Outcome(models.TextChoices):
    """What came of a due time."""

    RUN = "run"
    SKIPPED = "skipped"
    MISSED = "missed"
    FAILED = "failed"


class Occasion(models.Model):
    """One time at which a schedule was due, or several that were missed one after another, and what came of it."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="occasions")
    due_at = models.DateTimeField()
    """The first, where there are several."""
    times = models.PositiveIntegerField(default=1)
    outcome = models.TextField(choices=Outcome.choices)
    told_at = models.DateTimeField()
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="occasions")
    """The run that was started, or the one that was still going."""
    reason = models.TextField(default="", blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.due_at} {self.outcome}"


class UsedKey(models.Model):
    """An Idempotency-Key, and what was made under it. Those of runs stand in their own rows."""

    key = models.TextField()
    what = models.TextField()
    """What was asked for: `schedules`."""
    digest = models.TextField()
    """Of what was sent, so that another wish under the same key is noticed."""
    made = models.TextField()
    """The id or name of what was made."""
    used_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["what", "key"], name="one_use_of_each_key")]

    def __str__(self) -> str:
        return f"{self.what} {self.key}"
