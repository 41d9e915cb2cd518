"""What a person says of a credit that cannot be used: the cause is the machine's."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Decision(models.Model):
    """One decision about an open credit note; the one without `ended_at` holds.

    Rows are ended, never changed, so that they are their own history.
    """

    class Kind(models.TextChoices):
        WAIT = "wait", _("Wait for the next invoice")
        REFUND = "refund", _("Refund requested")
        REISSUE = "reissue", _("Re-issue requested")
        DISPUTED = "disputed", _("Disputed with the vendor")
        DUPLICATE = "duplicate", _("Duplicate")
        JOURNAL = "journal", _("To be used by journal in Light")
        WRITE_OFF = "write_off", _("Write off in Light")
        NONE = "none", _("No decision yet")  # somebody looks after it, nothing is decided

    class Ended(models.TextChoices):
        CHANGED = "changed", _("Changed")
        USED_UP = "used_up", _("Nothing is left")
        WITHDRAWN = "withdrawn", _("Taken back")

    credit_note_id = models.UUIDField(db_index=True)
    kind = models.TextField(choices=Kind.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="decisions"
    )
    follow_up_on = models.DateField(null=True)
    comment = models.TextField(default="", blank=True)
    amount = models.BigIntegerField(default=0)  # what was left when it was decided
    currency = models.TextField(default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_because = models.TextField(choices=Ended.choices, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["credit_note_id"], condition=Q(ended_at=None), name="one_decision_holds"
            )
        ]
        indexes = [
            models.Index(
                fields=["follow_up_on"], condition=Q(ended_at=None), name="decision_follow_up"
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
