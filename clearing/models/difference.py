"""Where what we believe of Light's books and what Light shows are not the same."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Difference(models.Model):
    """One difference, from when the copy saw it until we and Light agree again.

    Written by services.reconciling only. `key` names what was found: another amount, or the same
    once more after it had ended, is another row. `amount` is what we believe, `shown` what Light
    shows (null: nothing), both in the smallest unit of `currency`.
    """

    class Kind(models.TextChoices):
        LOST = "lost", _("Gone from Light")
        CHANGED = "changed", _("Another amount in Light")
        UNDONE = "undone", _("Undone in Light")
        DOCUMENT = "document", _("Changed in Light under a planned link")

    key = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    why = models.TextField()  # a code of services.reconciling.comparing
    credit_note_id = models.UUIDField()
    invoice_payable_id = models.UUIDField(null=True)
    line_id = models.BigIntegerField(null=True)  # of ours, whose word it is; none: not of ours
    amount = models.BigIntegerField(null=True)
    shown = models.BigIntegerField(null=True)
    currency = models.TextField(default="")
    at = models.DateTimeField()  # when the copy saw it
    confirmed = models.BooleanField(default=False)  # a second reading has shown it as well
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(ended_at__isnull=True), name="one_open_difference"
            )
        ]
        indexes = [
            models.Index(
                fields=["credit_note_id"], condition=Q(ended_at__isnull=True),
                name="difference_of_note",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.credit_note_id}"
