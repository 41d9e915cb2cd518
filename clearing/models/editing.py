"""What people change in a draft: each edit is one call, traced before it and settled after it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# Holds its document: no second edit, and no posting, until it is settled.
HOLDING = ("sending", "unknown", "needs_person")


class Edit(models.Model):
    """One call that changes a draft or one of its lines, or creates a draft from an invoice.

    `sent_at` is committed before a byte leaves. Only services.editing writes these rows.
    """

    class Kind(models.TextChoices):
        CHANGE_NOTE = "change_note", _("Change of the draft")
        ADD_LINE = "add_line", _("New line")
        CHANGE_LINE = "change_line", _("Change of a line")
        DELETE_LINE = "delete_line", _("Line deleted")
        CREATE = "create", _("Credit note from an invoice")

    class State(models.TextChoices):
        SENDING = "sending", _("Sending")
        DONE = "done", _("In Light")
        REFUSED = "refused", _("Light said no")
        UNKNOWN = "unknown", _("Being checked")
        NOT_APPLIED = "not_applied", _("Not in Light")
        NEEDS_PERSON = "needs_person", _("Needs a look in Light")

    HOLDING = HOLDING

    kind = models.TextField(choices=Kind.choices)
    state = models.TextField(choices=State.choices, default=State.SENDING, db_index=True)
    credit_note_id = models.UUIDField(null=True)  # of a create: once it is known
    line_id = models.UUIDField(null=True)
    invoice_payable_id = models.UUIDField(null=True)  # of a create
    body = models.JSONField(default=dict)  # exactly what was sent
    before = models.JSONField(default=dict)  # what Light showed just before
    # What changed, for people: [{"field": "amount", "was": "…", "now": "…"}], texts as shown.
    changes = models.JSONField(default=list)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="edits"
    )
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    status = models.IntegerField(null=True)
    words = models.TextField(default="", blank=True)  # Light's
    request_id = models.TextField(default="", blank=True)
    outcome = models.TextField(default="", blank=True)  # one sentence for people
    trace = models.TextField(default="", blank=True)  # of the request that sent it
    quarantine_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)  # UNKNOWN: the next look
    absent_looks = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    dealt_at = models.DateTimeField(null=True)  # NEEDS_PERSON: somebody has looked
    dealt_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["credit_note_id", "state"], name="edit_credit"),
            models.Index(fields=["state", "not_before"], name="edit_queue"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_edit_at_a_time_per_credit_note",
                fields=["credit_note_id"],
                condition=Q(state__in=HOLDING, dealt_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="one_creation_at_a_time_per_invoice",
                fields=["invoice_payable_id"],
                condition=Q(state__in=HOLDING, dealt_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
