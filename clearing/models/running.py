"""What keeps the worker going: the shared request budget, sync runs, heartbeats."""

from django.db import models
from django.utils.translation import gettext_noop as noop

# Why sending is stopped, as it is stored; translated where it is shown.
KEY_REFUSED = noop("Light does not accept our key. Nothing is sent until it does.")
ROLE_MISSING = noop("Our key may not change anything in Light: a role is missing. Nothing is sent.")


class Budget(models.Model):
    """The request budget of one key, shared by all processes (clearing.gateway writes it)."""

    key_id = models.TextField(primary_key=True)  # a digest, never the key
    state = models.JSONField(default=dict)  # light.pace.Budget
    version = models.BigIntegerField(default=0)  # compare-and-swap
    stopped_at = models.DateTimeField(null=True)  # sending is stopped for everybody
    stopped_because = models.TextField(default="", blank=True)
    silent_since = models.DateTimeField(null=True)  # no answer but 5xx since; null: it answers
    silent_calls = models.PositiveIntegerField(default=0)  # so many of them in a row

    def __str__(self) -> str:
        return f"Budget of key {self.key_id[:6]}"


class SyncRun(models.Model):
    """One reading of Light, done in slices; any worker goes on where another stopped."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    full = models.BooleanField()
    state = models.TextField(choices=State.choices, default=State.RUNNING, db_index=True)
    phase = models.TextField(default="")  # the list or detail being read
    cursor = models.TextField(default="0")
    # An earlier cursor of this list, and how many pages it has had: a list in circles meets it.
    earlier_cursor = models.TextField(default="", blank=True)
    pages_of_list = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(null=True)  # incremental: changed in Light since
    started_at = models.DateTimeField()
    lists_done_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    pages = models.PositiveIntegerField(default=0)
    documents = models.PositiveIntegerField(default=0)
    details_total = models.PositiveIntegerField(default=0)
    details_done = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)  # failed readings in a row
    # Whether Light told which notes adjust payables; null until asked, False where it refused.
    adjusts_checked = models.BooleanField(null=True)
    # Something was listed that could not be read or mapped: nothing is taken as gone.
    unsure = models.BooleanField(default=False)
    problem = models.TextField(default="", blank=True)  # a sentence
    asked_by_name = models.TextField(default="", blank=True)  # empty: the worker itself
    lease_by = models.TextField(default="", blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="running"), name="one_running_sync"
            )
        ]

    def __str__(self) -> str:
        return f"Sync {self.pk}"


class SyncMark(models.Model):
    """A document that a full sweep has met; deleted when the sweep ends."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="marks")
    document_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "document_id"], name="one_mark_per_document")
        ]

    def __str__(self) -> str:
        return str(self.document_id)


class HistoryReading(models.Model):
    """Payments of invoices that are read beside the syncs, each of them one request.

    FIRST is one row: once, at connection, what was cleared from `since` on. NIGHT is a row for
    each night that begins on `day`: closed documents are read again. Requests are taken before
    they are made, so those of a worker that was killed count.
    """

    class Kind(models.TextChoices):
        FIRST = "first", "First"
        NIGHT = "night", "Night"

    kind = models.TextField(choices=Kind.choices)
    day = models.DateField()  # when it was planned, or the night began
    since = models.DateField()  # the first day of the earliest month that it is about
    expected = models.PositiveIntegerField(default=0)  # invoices to ask for, counted before
    requests = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)  # invoices of which something was news
    cursor = models.TextField(default="", blank=True)  # the last one that was asked for
    planned_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # in a row, of the first one after `cursor`
    not_before = models.DateTimeField(null=True)
    lease_by = models.TextField(default="", blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "day"], name="one_reading_a_night"),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(kind="first"), name="one_first_reading"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


class Worker(models.Model):
    """A worker's heartbeat."""

    name = models.TextField(primary_key=True)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
