"""The copy of Light's books. Written by services.mirroring (Balance: by clearing.balances) only.

Primary keys are Light's external UUIDs. References are plain UUID columns, because Light may
name what we have not seen. Rows are never deleted: `gone_at` says when Light stopped showing
them. Amounts are integers in the smallest unit of `currency`; an empty currency is a missing one.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

NO_DATE = "0001-01-01"  # sorts a missing date; NULLs order differently on the two databases


class CreditNote(models.Model):
    """A credit note (GET /v1/credit-notes; number and other id from accounting-documents).

    Its lines are known as of `lines_read_at`; null: they were not read yet.
    """

    id = models.UUIDField(primary_key=True)
    accounting_document_id = models.UUIDField(null=True, db_index=True)
    entity_id = models.UUIDField(null=True)
    vendor_id = models.UUIDField(null=True)
    vendor_name = models.TextField(default="")
    status = models.TextField(default="")
    document_number = models.TextField(default="", db_index=True)
    amount = models.BigIntegerField(null=True)
    currency = models.TextField(default="")
    description = models.TextField(default="")
    document_name = models.TextField(default="")
    document_date = models.DateField(null=True)
    document_day = models.DateField(default=NO_DATE)  # document_date, NO_DATE where missing
    posting_date = models.DateField(null=True)
    # Whether it adjusts payables; None where Light refused the filter that tells.
    adjusts_payables = models.BooleanField(null=True)
    local_fx_rate = models.TextField(default="")
    group_fx_rate = models.TextField(default="")
    # Whether line amounts include tax (gross is typed) or tax is added on top (net is typed).
    are_lines_with_tax = models.BooleanField(null=True)
    created_in_light_at = models.DateTimeField(null=True)
    updated_in_light_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)
    gone_at = models.DateTimeField(null=True)
    links_wanted_at = models.DateTimeField(null=True, db_index=True)  # a detail read is due
    links_read_at = models.DateTimeField(null=True)  # when the last such read began
    lines_wanted_at = models.DateTimeField(null=True, db_index=True)
    lines_read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["currency", "amount"], name="cn_amount"),
            models.Index(fields=["document_day", "id"], name="cn_day"),
            models.Index(fields=["status", "document_day", "id"], name="cn_status_day"),
            models.Index(fields=["vendor_name", "id"], name="cn_vendor_name"),
            models.Index(fields=["vendor_id", "entity_id", "currency"], name="cn_group"),
            models.Index(fields=["lines_read_at"], name="cn_lines_read"),
        ]

    def __str__(self) -> str:
        return self.document_number or f"Credit note {str(self.id)[:8]}"


class CreditNoteLine(models.Model):
    """A line of a credit note (GET /v1/credit-notes/{id}). Unlike documents, rows are replaced.

    Amounts as Light gives them, each with its side D or C, in the smallest unit of the note's
    currency.
    """

    id = models.UUIDField(primary_key=True)
    credit_note_id = models.UUIDField(db_index=True)
    position = models.PositiveIntegerField(default=0)
    description = models.TextField(default="")
    net = models.BigIntegerField(null=True)
    net_side = models.TextField(default="")
    tax = models.BigIntegerField(null=True)
    tax_side = models.TextField(default="")
    gross = models.BigIntegerField(null=True)
    gross_side = models.TextField(default="")
    ledger_account_id = models.UUIDField(null=True)
    ledger_tax_id = models.UUIDField(null=True)
    cost_center_id = models.UUIDField(null=True)
    accrual_template_id = models.UUIDField(null=True)
    accrual_start_date = models.DateField(null=True)
    accrual_end_date = models.DateField(null=True)

    class Meta:
        ordering = ["credit_note_id", "position", "id"]

    def __str__(self) -> str:
        return self.description or f"Line {self.position + 1}"


class InvoicePayable(models.Model):
    """An invoice payable (GET /v1/bff/invoice-payables, /v1/invoice-payables/{id}).

    `outstanding_balance` comes from the detail only and is null until it was read.
    """

    id = models.UUIDField(primary_key=True)
    internal_id = models.UUIDField(null=True, db_index=True)
    accounting_document_id = models.UUIDField(null=True, db_index=True)
    type = models.TextField(default="")
    entity_id = models.UUIDField(null=True)
    vendor_id = models.UUIDField(null=True)
    vendor_name = models.TextField(default="")
    state = models.TextField(default="")
    invoice_number = models.TextField(default="", db_index=True)
    number_key = models.TextField(default="")  # as texts may cite it: matching.numbers.key
    amount = models.BigIntegerField(null=True)
    currency = models.TextField(default="")
    outstanding_balance = models.BigIntegerField(null=True)
    # Of the detail too: the booked rate, and whether its lines carry tax; unknown until read.
    local_fx_rate = models.TextField(default="")
    has_tax = models.BooleanField(null=True)
    description = models.TextField(default="")
    document_name = models.TextField(default="")
    issued_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    due_day = models.DateField(default=NO_DATE)
    payment_at = models.DateTimeField(null=True)
    updated_in_light_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)
    gone_at = models.DateTimeField(null=True)
    outstanding_wanted_at = models.DateTimeField(null=True, db_index=True)
    outstanding_read_at = models.DateTimeField(null=True)
    payments_wanted_at = models.DateTimeField(null=True, db_index=True)
    payments_read_at = models.DateTimeField(null=True)
    # How often the payments were read since the invoice was first seen posted.
    payments_reads_posted = models.PositiveIntegerField(default=0)
    # When reading the past left it out, for want of an answer; null: it was read since, or never.
    payments_unanswered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_day", "id"], name="inv_due"),
            models.Index(fields=["state", "due_day", "id"], name="inv_state_due"),
            models.Index(fields=["vendor_name", "id"], name="inv_vendor_name"),
            models.Index(fields=["vendor_id", "entity_id", "currency"], name="inv_group"),
            models.Index(fields=["number_key", "vendor_id"], name="inv_number_key"),
            models.Index(
                fields=["entity_id"], condition=models.Q(gone_at__isnull=False), name="inv_gone"
            ),
            models.Index(
                fields=["payments_unanswered_at"],
                condition=models.Q(payments_unanswered_at__isnull=False),
                name="inv_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return self.invoice_number or f"Invoice {str(self.id)[:8]}"


class Link(models.Model):
    """A link between a credit note and an invoice, with what became of it. One row per pair."""

    class Fate(models.TextChoices):
        PLANNED = "planned", _("Planned")
        CLEARED = "cleared", _("Cleared")
        CLEARED_PART = "cleared_part", _("Cleared in part")
        CHECKING = "checking", _("Being read back")
        NOT_HONOURED = "not_honoured", _("Not honoured by Light")
        REMOVED = "removed", _("Removed")
        UNDONE = "undone", _("Undone")

    credit_note_id = models.UUIDField()
    invoice_payable_id = models.UUIDField()
    amount = models.BigIntegerField()
    currency = models.TextField(default="")
    updated_in_light_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)  # no longer among Light's links
    fate = models.TextField(choices=Fate.choices, default=Fate.PLANNED, db_index=True)
    fate_at = models.DateTimeField()
    made_here = models.BooleanField(default=False)  # one of our instructions made it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["credit_note_id", "invoice_payable_id"], name="one_link_per_pair"
            )
        ]
        indexes = [
            models.Index(fields=["invoice_payable_id"], name="link_invoice"),
            models.Index(fields=["changed_at"], name="link_changed"),
            models.Index(fields=["fate_at"], name="link_fate_at"),
            models.Index(
                fields=["first_seen_at"], condition=models.Q(made_here=False), name="link_foreign"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.credit_note_id} – {self.invoice_payable_id}"


class Clearing(models.Model):
    """What has cleared an invoice (GET /v1/invoice-payables/{id}/payments): BP or CN.

    `credit_note_id` is our mapping of a CN entry's accounting document; null where unknown.
    """

    id = models.UUIDField(primary_key=True)
    invoice_payable_id = models.UUIDField(db_index=True)
    type = models.TextField(default="")
    accounting_document_id = models.UUIDField(null=True)
    credit_note_id = models.UUIDField(null=True, db_index=True)
    document_number = models.TextField(default="")
    amount = models.BigIntegerField()
    currency = models.TextField(default="")
    payment_date = models.DateField(null=True)
    first_seen_at = models.DateTimeField()
    # When the payments were last read without it; null: they were read for the first time.
    absent_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_index=True)
    gone_at = models.DateTimeField(null=True)  # reversed in Light

    class Meta:
        indexes = [
            models.Index(
                fields=["type", "payment_date"],
                condition=models.Q(gone_at=None),
                name="clearing_stands",
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.document_number}".strip()


class Seen(models.Model):
    """One change that the copy saw: append-only, because Light forgets."""

    what = models.TextField()  # credit_note, invoice_payable, link, clearing
    document_id = models.UUIDField()  # of a link or clearing: the credit note (or the invoice)
    other_id = models.UUIDField(null=True)  # of a link or clearing: the invoice
    field = models.TextField()  # amount, status, state, link, clearing, gone, …
    before = models.TextField(default="")
    after = models.TextField(default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["document_id", "at"], name="seen_document"),
            models.Index(fields=["other_id", "at"], name="seen_other"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.field}"


class Balance(models.Model):
    """What is free to use (credit note) or open (invoice); written by clearing.balances only.

    `available` null means unknown: not yet read, and not usable.
    """

    class Kind(models.TextChoices):
        CREDIT_NOTE = "credit_note", _("Credit note")
        INVOICE = "invoice", _("Invoice")

    document_id = models.UUIDField(primary_key=True)
    kind = models.TextField(choices=Kind.choices)
    entity_id = models.UUIDField(null=True)
    vendor_id = models.UUIDField(null=True)
    currency = models.TextField(default="")
    available = models.BigIntegerField(null=True)
    available_key = models.BigIntegerField(default=-1)  # available; -1 where unknown: sorts
    held = models.BigIntegerField(default=0)  # by our open instructions, not yet in Light
    planned = models.BigIntegerField(default=0)  # links whose invoice is not posted
    cleared = models.BigIntegerField(default=0)  # by credit notes
    usable = models.BooleanField(default=False)  # by usable.py, and available > 0
    changed_at = models.DateTimeField(null=True, db_index=True)  # null: not since it was added

    class Meta:
        indexes = [
            models.Index(
                fields=["kind", "usable", "vendor_id", "entity_id", "currency"],
                name="balance_group",
            ),
            models.Index(fields=["kind", "currency", "available_key"], name="balance_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.available}"
