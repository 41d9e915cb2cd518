"""What people say of their house: which months are closed, what is no duplicate, what was seen."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Months(models.Model):
    """Up to which day the books of a company entity are closed, and its VAT is filed."""

    entity_id = models.UUIDField(primary_key=True)
    closed_through = models.DateField(null=True)  # the last day of a month
    vat_filed_through = models.DateField(null=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.closed_through} {self.vat_filed_through}"


class NotDuplicate(models.Model):
    """Somebody has compared two credit notes: they are not the same. `one_id` < `other_id`."""

    one_id = models.UUIDField()
    other_id = models.UUIDField(db_index=True)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one_id", "other_id"], name="one_answer_per_pair")
        ]

    def __str__(self) -> str:
        return f"{self.one_id} – {self.other_id}"


class Acknowledged(models.Model):
    """Somebody has seen an exception that no line of ours stands for.

    `key` names it once: "clearing:<id>" for what Light cleared by itself, "link:<row>:<time>" for
    a link that was made in Light, or not honoured, "difference:<row>" for a difference, and
    "invoice:<id>" for an invoice that only looks like a credit note. The ids are there to be
    joined with.
    """

    key = models.TextField(unique=True)
    clearing_id = models.UUIDField(null=True, db_index=True)
    link_id = models.BigIntegerField(null=True, db_index=True)
    difference_id = models.BigIntegerField(null=True, db_index=True)
    invoice_payable_id = models.UUIDField(null=True, db_index=True)
    reason = models.TextField(default="", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Known(models.Model):
    """An answer to a question that Light's documents leave open; the newest one counts.

    Questions and answers are named in clearing.questions. Rows are never changed.
    """

    class How(models.TextChoices):
        SEEN = "seen", _("Seen")
        SET = "set", _("Set by a person")

    question = models.TextField()
    answer = models.TextField()  # empty: not known any more
    how = models.TextField(choices=How.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    reason = models.TextField(default="", blank=True)  # of a person
    instruction_id = models.BigIntegerField(null=True)  # the line by which it was seen
    credit_note_id = models.UUIDField(null=True)
    invoice_payable_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["question", "-id"], name="known_newest")]

    def __str__(self) -> str:
        return f"{self.question}: {self.answer}"
