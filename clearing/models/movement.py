"""The sub-ledger of vendor credit: what each posted credit note brought, and what used it up."""

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

NO_ENTITY = UUID(int=0)  # in sums: of credit notes that name none


class Movement(models.Model):
    """One movement of a credit note's open amount; appended by services.booking, never changed.

    What Light shows otherwise later is taken back on its own day by a row of the same kind
    (`takes_back`), and stands anew; so every figure can be told by accounting date (`day`) and by
    when it was known here (`known_at`). `amount` in the smallest unit of `currency`: above 0 more
    credit is open, below 0 less. `local`: the same at the booked rate in the entity's own
    currency; null where there is no rate.
    """

    class Kind(models.TextChoices):
        NEW = "new", _("New")
        CLEARED = "cleared", _("Cleared")
        UNDONE = "undone", _("Clearing undone")
        CANCELLED = "cancelled", _("Cancelled")

    class Made(models.TextChoices):
        HERE = "here", _("Made here")
        LIGHT = "light", _("Made in Light")
        ITSELF = "itself", _("By Light itself")

    kind = models.TextField(choices=Kind.choices)
    credit_note_id = models.UUIDField(db_index=True)
    invoice_payable_id = models.UUIDField(null=True)
    clearing_id = models.UUIDField(null=True)
    entity_id = models.UUIDField(null=True)
    vendor_id = models.UUIDField(null=True)
    currency = models.TextField()
    amount = models.BigIntegerField()
    local = models.BigIntegerField(null=True)
    day = models.DateField()
    month = models.DateField()  # the first day of its month
    assumed = models.BooleanField(default=False)  # Light gives no date: the day we saw it
    late = models.BooleanField(default=False)  # known only after its month was over
    made = models.TextField(choices=Made.choices)
    takes_back = models.BigIntegerField(null=True)  # the movement that Light shows no more
    known_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["takes_back"], name="taken_back_once"),
        ]
        indexes = [
            models.Index(
                fields=["entity_id", "currency", "month", "kind", "id"], name="movement_month"
            ),
            models.Index(fields=["known_at"], name="movement_known"),
            models.Index(
                fields=["entity_id", "id"],
                condition=models.Q(late=True),
                name="movement_late",  # few: what changes a month that was over
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.currency} {self.amount}"


class MonthTotal(models.Model):
    """The movements of one month, entity, currency and kind; kept with each movement.

    `late…`: the part that was known only after the month was over. `without_rate`: how many have
    no value in the entity's own currency; they are not in `local`. `entity_id` of credit notes
    that name none: NO_ENTITY.
    """

    entity_id = models.UUIDField()
    currency = models.TextField()
    month = models.DateField()
    kind = models.TextField(choices=Movement.Kind.choices)
    count = models.BigIntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    local = models.BigIntegerField(default=0)
    without_rate = models.BigIntegerField(default=0)
    late_count = models.BigIntegerField(default=0)
    late = models.BigIntegerField(default=0)
    late_local = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity_id", "currency", "month", "kind"], name="one_total_per_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.kind} {self.currency} {self.amount}"
