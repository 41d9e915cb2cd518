"""What does not look right, found by services.suspecting so that lists and counts are cheap."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Suspicion(models.Model):
    """One suspicion about a document, or about two. Rows are replaced when documents change.

    one_id, other_id: of twins two credit notes, the smaller id first; of an invoice that may be a
    credit note twice the invoice; of a clearing that nobody planned the clearing and the invoice
    (by_light: it came with the posting; foreign: later, or with an invoice that came posted).
    """

    class Kind(models.TextChoices):
        TWINS = "twins", _("Possible duplicates")
        FILED_WRONG = "filed_wrong", _("May be a credit note")
        BY_LIGHT = "by_light", _("Light did this by itself")
        FOREIGN = "foreign", _("Made directly in Light")

    kind = models.TextField(choices=Kind.choices)
    one_id = models.UUIDField()
    other_id = models.UUIDField()
    why = models.JSONField(default=list)  # codes of clearing.twins, or of clearing.credit_words
    at = models.DateTimeField()  # when the copy first saw the newer of them

    class Meta:
        indexes = [
            models.Index(fields=["kind", "at", "id"], name="suspicion_newest"),
            models.Index(fields=["kind", "other_id"], name="suspicion_other"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "one_id", "other_id"], name="one_suspicion")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.one_id}"


class Looked(models.Model):
    """How far the search of one kind has come; null times mean: from the beginning.

    services.citing and services.reconciling keep their marks here too.
    """

    class Outlooks(models.TextChoices):
        """What services.diagnosing goes through beside the searches for what is not right."""

        VENDORS = "outlooks", _("Outlooks, by vendor")
        NO_VENDOR = "outlooks_no_vendor", _("Outlooks of notes without a vendor")

    kind = models.TextField(primary_key=True, choices=[*Suspicion.Kind.choices, *Outlooks.choices])
    rules = models.TextField(default="")  # a digest: other rules look at everything again
    since = models.DateTimeField(null=True)  # everything that changed earlier was looked at
    began_at = models.DateTimeField(null=True)  # of the pass that is under way
    looked_at = models.DateTimeField(null=True)  # when the last pass ended
    cursor = models.UUIDField(null=True)  # the last row (of outlooks: vendor) of that pass

    def __str__(self) -> str:
        return self.kind
