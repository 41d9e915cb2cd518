"""Month end: what is said of one month, frozen with a hash, and the signatures under it."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class MonthEnd(models.Model):
    """One month of one company entity (NO_ENTITY for credit notes that name none).

    The worker makes its paper when it is wanted. `basis`: what the newest one has seen of the
    movements, the copy of Light and the trail; `checked_at`: when that was.
    """

    entity_id = models.UUIDField()
    month = models.DateField()  # its first day
    wanted_at = models.DateTimeField(null=True, db_index=True)
    lease_until = models.DateTimeField(null=True)
    basis = models.TextField(default="", blank=True)
    checked_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)  # that its last paper took
    problem = models.TextField(default="", blank=True)  # a sentence: why there is none

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entity_id", "month"], name="one_end_of_each_month")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Paper(models.Model):
    """A month as it stood at `made_at`: figures, and rows with them. Never changed.

    `figures`: see queries.papers.read. `hash`: of figures and rows, so two papers that say the
    same have the same. `movements_to`: the last movement that it knows. A newer one replaces it,
    unless somebody has signed it.
    """

    month_end = models.ForeignKey(MonthEnd, on_delete=models.PROTECT, related_name="papers")
    made_at = models.DateTimeField()
    movements_to = models.BigIntegerField(default=0)
    figures = models.JSONField()
    hash = models.TextField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.month_end} {self.hash[:8]}"


class PaperRow(models.Model):
    """One row of a list of a paper: `cells` as the list's columns name them.

    What lists are filtered and added up by stands beside: `amount` in the smallest unit of
    `currency`, `part` (why, state, kind) and `age` (a bucket) as codes; `key` names what can be
    accepted (Accepted.key).
    """

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="rows")
    list = models.TextField()
    position = models.PositiveIntegerField()
    currency = models.TextField(default="", blank=True)
    amount = models.BigIntegerField(null=True)
    part = models.TextField(default="", blank=True)
    age = models.TextField(default="", blank=True)
    key = models.TextField(default="", blank=True)
    cells = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "list", "position"], name="one_row_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.list} {self.position}"


class Signature(models.Model):
    """One of two people under a paper; the database holds both to be two."""

    PREPARED, REVIEWED = PLACES = (1, 2)

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="signatures")
    place = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.TextField()
    at = models.DateTimeField()
    head = models.TextField(default="", blank=True)  # of the audit chain then

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "place"], name="one_signature_per_place"),
            models.UniqueConstraint(fields=["paper", "by"], name="two_people_sign"),
            models.CheckConstraint(name="two_places", condition=Q(place__in=[1, 2])),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.by_name}"


class Reopening(models.Model):
    """Somebody has opened a signed month again; its paper stays as it was."""

    paper = models.OneToOneField(Paper, on_delete=models.PROTECT, related_name="reopening")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.TextField()
    at = models.DateTimeField()
    reason = models.TextField()

    def __str__(self) -> str:
        return self.reason


class LedgerFigure(models.Model):
    """What Light's ledger shows at the end of a month, as a person has read it there.

    Amounts in the smallest unit of `currency`; `explained` with its words is the part of the
    difference to our closing that somebody can explain. Appended, never changed: the newest
    counts.
    """

    entity_id = models.UUIDField()
    month = models.DateField()
    currency = models.TextField()
    amount = models.BigIntegerField()
    explained = models.BigIntegerField(default=0)
    words = models.TextField(default="", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["entity_id", "month", "currency", "-id"], name="ledger_figure")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.currency} {self.amount}"


class Accepted(models.Model):
    """What may stay as it is when a month is signed, with the reason.

    `key`: "exception:<source>:<kind>:<id>", once for ever, or "credit:<month>:<id>" for a credit
    note that is open for long, once for each month.
    """

    key = models.TextField(unique=True)
    entity_id = models.UUIDField()
    month = models.DateField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
