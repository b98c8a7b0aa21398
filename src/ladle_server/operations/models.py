"""What metrics remember: takes nothing, gives the table of runs that have ended and were counted."""

from __future__ import annotations

from django.db import models


class Counted(models.Model):
    """What a run that has ended came to: so that no scrape reads the files of ten thousand runs."""

    run = models.TextField(primary_key=True)
    source = models.TextField()
    requests = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    """Answers of 429."""
    built_in = models.FloatField(null=True)
    """Seconds; None: it made no snapshot."""
    ended_at = models.DateTimeField()
    """As the run's row had it then: one that failed can go on, and end again."""

    def __str__(self) -> str:
        return f"{self.run} {self.requests}"
