"""Evidence for an auditor: a sample of a period's clearings, and the files made for it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Evidence(models.Model):
    """One evidence: what was sampled from which population, and how far the worker is.

    Population: the clearings that stand in the months `first` to `last` (their first days) by
    the movements up to `movements_to`; `size` and `digest` (clearing.sampling) hold it still.
    `seed`: of a sample by chance; empty: `numbers` were pasted. `head`: of the audit chain when
    its making began. `bytes`: of all its files.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        DELETED = "deleted", _("Files deleted")

    entity_id = models.UUIDField()  # NO_ENTITY for credit notes that name none
    first = models.DateField()
    last = models.DateField()
    movements_to = models.BigIntegerField()
    size = models.PositiveIntegerField()
    digest = models.TextField()
    seed = models.TextField(default="", blank=True)
    numbers = models.JSONField(default=list)
    state = models.TextField(choices=State.choices, default=State.RUNNING, db_index=True)
    problem = models.TextField(default="", blank=True)  # a sentence
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_by_name = models.TextField()
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    copy_at = models.DateTimeField(null=True)  # the age of the copy of Light when it was asked for
    head = models.TextField(default="", blank=True)
    links_total = models.PositiveIntegerField()
    links_done = models.PositiveIntegerField(default=0)
    documents_total = models.PositiveIntegerField()
    documents_done = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    lease_by = models.TextField(default="", blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return f"Evidence {self.pk}"


class EvidenceFile(models.Model):
    """One file of an evidence, in the database so that any machine makes it or hands it out.

    Its row stands from the beginning; `done_at` says that it was made, or why there is none
    (`problem`). Of a link: its movement; of a document: the credit note's or invoice's id.
    """

    class Kind(models.TextChoices):
        CREDIT_NOTE = "credit_note", _("Document of the credit note")
        INVOICE = "invoice", _("Document of the invoice")
        LINK = "link", _("Link")
        INDEX = "index", _("Index")

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="files")
    kind = models.TextField(choices=Kind.choices)
    position = models.PositiveIntegerField()  # within its evidence; the order of making
    movement_id = models.BigIntegerField(null=True)
    document_id = models.UUIDField(null=True)
    name = models.TextField(default="", blank=True)  # in the ZIP; empty: there is none
    content = models.BinaryField(null=True)
    size = models.BigIntegerField(default=0)  # bytes
    digest = models.TextField(default="", blank=True)  # SHA-256 of the content, in hex
    problem = models.TextField(default="", blank=True)  # a sentence
    tries = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["evidence_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["evidence", "position"], name="one_evidence_file_per_place"
            ),
            models.UniqueConstraint(
                fields=["evidence", "name"],
                condition=Q(name__gt=""),
                name="one_evidence_file_per_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.kind} {self.position}"
