"""What the engine reads beside the books, and what it said: citations, outlooks, plans."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Citation(models.Model):
    """The numbers that the texts and the PDF of a credit note name, read once per version.

    Found tokens, whichever invoice they fit: [[key, place, page, words], …], the place being
    "number", "description", "file", "line" or "pdf", the page 0 where there is none.
    """

    class Pdf(models.TextChoices):
        WANTED = "wanted", _("Not read yet")
        READ = "read", _("Read")
        NONE = "none", _("No document")
        NO_TEXT = "no_text", _("A picture without text")
        TOO_LARGE = "too_large", _("Too large to be read")
        UNREADABLE = "unreadable", _("Could not be read")

    credit_note_id = models.UUIDField(primary_key=True)
    keys = models.TextField(default="", blank=True)  # what the engine reads: keys, blank between
    in_texts = models.JSONField(default=list)
    in_pdf = models.JSONField(default=list)
    texts = models.TextField(default="", blank=True)  # digest of the texts that were looked at
    pdf = models.TextField(choices=Pdf.choices, default=Pdf.WANTED)
    document_name = models.TextField(default="", blank=True)  # of the PDF that was read
    tries = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)  # of the next try
    looked_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["not_before"], condition=models.Q(pdf="wanted"), name="citation_wanted"
            )
        ]

    def __str__(self) -> str:
        return self.keys


class Declined(models.Model):
    """A suggestion that somebody rejected: this pair is not suggested again."""

    credit_note_id = models.UUIDField()
    invoice_payable_id = models.UUIDField(db_index=True)
    reason = models.TextField(default="", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["credit_note_id", "invoice_payable_id"], name="one_decline_per_pair"
            )
        ]

    def __str__(self) -> str:
        return f"{self.credit_note_id} – {self.invoice_payable_id}"


class Outlook(models.Model):
    """What the engine says of one credit note with something left: a suggestion, or a cause.

    Written by services.diagnosing only; a note without anything left has no row. `left` is what
    is free to use, in the smallest unit; of a draft its amount.
    """

    credit_note_id = models.UUIDField(primary_key=True)
    vendor_id = models.UUIDField(null=True)
    entity_id = models.UUIDField(null=True)
    currency = models.TextField(default="")
    left = models.BigIntegerField(default=0)
    day = models.DateField()  # of the document; NO_DATE where missing
    strength = models.PositiveSmallIntegerField(default=0)  # of its best suggestion; 0: none
    suggested = models.BigIntegerField(default=0)  # the sum of its suggestions
    cause = models.TextField(default="", blank=True)  # why there is none: clearing.causes
    details = models.JSONField(default=dict)  # what the cause's sentence needs
    small = models.BooleanField(default=False)  # a rest under the house's tolerance
    since = models.DateTimeField()  # when this cause, or having none, was first found

    class Meta:
        indexes = [
            models.Index(fields=["cause", "day", "credit_note_id"], name="outlook_cause"),
            models.Index(fields=["day", "credit_note_id"], name="outlook_day"),
            models.Index(fields=["vendor_id", "entity_id", "currency"], name="outlook_group"),
        ]

    def __str__(self) -> str:
        return self.cause or f"strength {self.strength}"


class Plan(models.Model):
    """Suggestions for many vendors at once, made in the background. Never sent by itself."""

    class State(models.TextChoices):
        RUNNING = "running", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Stopped")
        DISCARDED = "discarded", _("Discarded")

    scope = models.JSONField(default=dict)  # services.planning.Scope
    state = models.TextField(choices=State.choices, default=State.RUNNING, db_index=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="plans"
    )
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    cursor = models.JSONField(default=list)  # the last group done
    groups_total = models.PositiveIntegerField(default=0)
    groups_done = models.PositiveIntegerField(default=0)
    lines_total = models.PositiveIntegerField(default=0)
    problem = models.TextField(default="", blank=True)  # a sentence
    lease_by = models.TextField(default="", blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Plan {self.pk}"


class PlanGroup(models.Model):
    """One vendor, entity and currency of a plan: its lines in numbers, and what became of it."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="groups")
    position = models.PositiveIntegerField()  # the most that is certain first; ties by id
    vendor_id = models.UUIDField()
    entity_id = models.UUIDField()
    currency = models.TextField()
    lines = models.PositiveIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    certain = models.PositiveIntegerField(default=0)  # lines
    likely = models.PositiveIntegerField(default=0)
    certain_total = models.BigIntegerField(default=0)
    likely_total = models.BigIntegerField(default=0)
    gave_up = models.BooleanField(default=False)  # the search for exact sets was cut off
    skipped_at = models.DateTimeField(null=True)
    proposal = models.ForeignKey(
        "Proposal", null=True, on_delete=models.PROTECT, related_name="plan_groups"
    )
    problem = models.TextField(default="", blank=True)  # why it was not proposed
    # Wanted in this batch; not proposed yet, and still to be tried, until `tried_at`.
    batch = models.ForeignKey(
        "Batch", null=True, on_delete=models.SET_NULL, related_name="plan_groups"
    )
    tried_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)  # how often its lines were changed

    class Meta:
        ordering = ["plan_id", "position"]
        indexes = [
            models.Index(fields=["plan", "position", "id"], name="plan_group_position"),
            models.Index(
                fields=["batch", "position"],
                condition=models.Q(batch__isnull=False, tried_at=None),
                name="plan_group_to_propose",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "vendor_id", "entity_id", "currency"], name="one_group_per_plan"
            )
        ]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.currency}"


class PlanLine(models.Model):
    """A suggested link of a plan; `amount` is what a person made of `suggested`, 0 drops it."""

    group = models.ForeignKey(PlanGroup, on_delete=models.CASCADE, related_name="rows")
    credit_note_id = models.UUIDField()
    invoice_payable_id = models.UUIDField()
    suggested = models.BigIntegerField()
    amount = models.BigIntegerField()
    strength = models.PositiveSmallIntegerField()
    why = models.JSONField()  # matching.Suggestion.as_data()
    problem = models.TextField(default="", blank=True)  # why it was left out when proposing

    class Meta:
        ordering = ["group_id", "id"]

    def __str__(self) -> str:
        return f"{self.credit_note_id} – {self.invoice_payable_id}"


class Batch(models.Model):
    """Proposals of several vendors that are reviewed together."""

    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="batches")
    note = models.TextField(default="", blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="batches"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"Batch {self.pk}"
