"""Who did what, when and why: append-only, without foreign keys, so nothing can erase it."""

from django.db import models


class AuditEvent(models.Model):
    """One step of a person or of the worker. Written in the transaction of what it reports."""

    at = models.DateTimeField(db_index=True)
    by_id = models.BigIntegerField(null=True)  # null: the worker
    by_name = models.TextField()
    verb = models.TextField()  # proposed, approved, rejected, sent, done, fell, …
    kind = models.TextField(default="", blank=True)  # of the instruction
    proposal_id = models.BigIntegerField(null=True, db_index=True)
    instruction_id = models.BigIntegerField(null=True, db_index=True)
    credit_note_id = models.UUIDField(null=True, db_index=True)
    invoice_payable_id = models.UUIDField(null=True, db_index=True)
    vendor_id = models.UUIDField(null=True, db_index=True)
    amount = models.BigIntegerField(null=True)
    currency = models.TextField(default="", blank=True)
    was = models.TextField(default="", blank=True)  # state before
    now = models.TextField(default="", blank=True)  # state after
    reason_code = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True)
    trace = models.TextField(default="", blank=True)  # the id of the request that began it
    details = models.JSONField(default=dict, blank=True)  # balances, Light's words, hashes

    class Meta:
        ordering = ["-id"]
        indexes = [  # the page filters by them, newest first
            models.Index(fields=["by_id", "at"], name="audit_by"),
            models.Index(fields=["verb", "at"], name="audit_verb"),
            models.Index(fields=["kind", "at"], name="audit_kind"),
            models.Index(fields=["vendor_id", "at"], name="audit_vendor"),
        ]

    def __str__(self) -> str:
        return f"{self.by_name} {self.verb}"


class AuditSeal(models.Model):
    """The digest (SHA-256, hex) over one event and the seal before it; see clearing.chain."""

    seq = models.BigIntegerField(primary_key=True)  # 1, 2, 3 … without a gap
    event_id = models.BigIntegerField(unique=True)
    digest = models.TextField()
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"
