"""What people ask of Light: proposals, their instructions, and the calls made for them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# States by what they mean, for the constraints too: those cannot name what the class holds.
IN_FLIGHT = ("sending", "unknown", "needs_person")
OPEN = ("proposed", "ready", *IN_FLIGHT)  # holds an amount
APPROVED = ("ready", *IN_FLIGHT, "done", "refused", "not_applied")
OF_NOTE = ("archive", "post")  # kinds that name no invoice


class Proposal(models.Model):
    """An envelope of instructions for one vendor, entity and currency.

    Its state is computed from its lines; vendor and entity are null only where the one
    credit note of a discard has none.
    """

    vendor_id = models.UUIDField(null=True)
    entity_id = models.UUIDField(null=True)
    currency = models.TextField(default="")
    note = models.TextField(default="", blank=True)  # to the approver
    batch = models.ForeignKey(
        "Batch", null=True, on_delete=models.PROTECT, related_name="proposals"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposals"
    )
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["vendor_id", "entity_id", "currency"])]

    def __str__(self) -> str:
        return f"Proposal {self.pk}"


class Instruction(models.Model):
    """One thing done once in Light: the line on the screen, the intent and its outcome.

    Its state changes in workflow.advance only. `amount` is in the smallest unit of `currency`:
    of a link the amount to link, of an amend the new amount, of an unlink or reverse the amount
    that becomes free, of an archive or post the note's amount (null where Light has none).
    """

    class Kind(models.TextChoices):
        LINK = "link", _("Link")
        AMEND = "amend", _("Change amount")
        UNLINK = "unlink", _("Remove from invoice")
        ARCHIVE = "archive", _("Cancel credit note")
        REVERSE = "reverse", _("Undo clearing")
        POST = "post", _("Post credit note")

    # What is about a credit note alone, and names no invoice.
    OF_NOTE = OF_NOTE

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waiting for review")
        READY = "ready", _("Approved, waits to be sent")
        REJECTED = "rejected", _("Rejected")
        TAKEN_BACK = "taken_back", _("Taken back")
        FALLEN = "fallen", _("Has to be proposed again")
        SENDING = "sending", _("Sending")
        DONE = "done", _("In Light")
        REFUSED = "refused", _("Light said no")
        UNKNOWN = "unknown", _("Being checked")
        NOT_APPLIED = "not_applied", _("Not in Light")
        NEEDS_PERSON = "needs_person", _("Needs a decision")

    IN_FLIGHT, OPEN, APPROVED = IN_FLIGHT, OPEN, APPROVED

    class Exempt(models.TextChoices):
        """The rules by which one person is enough; the database holds each to its kind."""

        ONE_PERSON_REMOVES = "one_person_removes", _("One person may remove a planned link")
        ONE_PERSON_LOWERS = "one_person_lowers", _("One person may lower a planned link")
        ONE_PERSON_DISCARDS = "one_person_discards", _("One person may discard a draft")
        ONE_PERSON_POSTS = "one_person_posts", _("One person may post what another has entered")
        UNDER_LIMIT = "under_limit", _("Under the limit of the house")

    class Decision(models.TextChoices):
        """What a person says became of a line; the worker holds it against Light."""

        SAYS_DONE = "says_done", _("It is in Light")
        SAYS_ABSENT = "says_absent", _("It is not; release it")

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField(default=0)
    kind = models.TextField(choices=Kind.choices)
    credit_note_id = models.UUIDField()
    invoice_payable_id = models.UUIDField(null=True)
    clearing_id = models.UUIDField(null=True)  # of a reverse: the accounting document to reverse
    amount = models.BigIntegerField(null=True)
    previous_amount = models.BigIntegerField(null=True)  # of an amend
    currency = models.TextField(default="")
    of_draft = models.BooleanField(default=False)  # of an archive: the note was not posted
    archives = models.BooleanField(default=False)  # of a reverse: cancel the credit note, too
    into_closed = models.BooleanField(default=False)  # of a post: its month is closed or filed
    # The line that has to be done, and read back, before this one is sent: a move's first step.
    after = models.ForeignKey("self", on_delete=models.PROTECT, related_name="followers", null=True)
    # The open question about Light that this line answers when it is sent (clearing.questions).
    trial = models.TextField(default="", blank=True)
    trace = models.TextField(default="", blank=True)  # of the request that let it be sent
    content = models.JSONField()  # what is asked, with both documents' amounts: content_of()
    content_hash = models.TextField()
    # What the engine said of this pair: amount, rule, strength, why; empty: nothing.
    suggestion = models.JSONField(default=dict, blank=True)
    state = models.TextField(choices=State.choices, db_index=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="asked"
    )
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approved", null=True
    )
    approved_at = models.DateTimeField(null=True)
    approved_content = models.JSONField(null=True)  # content, and what else the approver saw
    exempt_rule = models.TextField(choices=Exempt.choices, default="", blank=True)
    reason_code = models.TextField(default="", blank=True)  # why it was asked for
    reason = models.TextField(default="", blank=True)
    rejected_code = models.TextField(default="", blank=True)  # why it was rejected
    rejected_reason = models.TextField(default="", blank=True)
    outcome = models.TextField(default="", blank=True)  # one sentence: why it fell, Light's words
    changed_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True)  # READY: not sent earlier; UNKNOWN: next look
    quarantine_until = models.DateTimeField(null=True)
    absent_looks = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    # A read of Light that began after done_at has settled what this line changed; until then
    # balances count the line itself.
    shown_at = models.DateTimeField(null=True)
    # NEEDS_PERSON: what a person said became of it, until the worker has verified it in Light.
    decision = models.TextField(choices=Decision.choices, default="", blank=True)
    dealt_at = models.DateTimeField(null=True)  # a person has dealt with this exception
    dealt_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ["proposal_id", "position", "id"]
        indexes = [
            models.Index(fields=["state", "not_before"], name="instruction_queue"),
            models.Index(fields=["changed_at"], name="instruction_changed"),
            models.Index(fields=["credit_note_id", "state"], name="instruction_credit"),
            models.Index(fields=["invoice_payable_id", "state"], name="instruction_invoice"),
        ]
        constraints = [
            models.CheckConstraint(
                name="approver_is_not_asker",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="approved_or_exempt",
                condition=~Q(state__in=APPROVED)
                | Q(approved_by__isnull=False, exempt_rule="")
                | (Q(approved_by__isnull=True) & ~Q(exempt_rule="")),
            ),
            models.CheckConstraint(
                name="exempt_only_where_one_person_is_enough",
                condition=Q(exempt_rule="")
                | Q(exempt_rule="one_person_removes", kind="unlink")
                | Q(
                    exempt_rule="one_person_lowers",
                    kind="amend",
                    previous_amount__isnull=False,
                    amount__lt=F("previous_amount"),
                )
                | Q(exempt_rule="one_person_discards", kind="archive", of_draft=True)
                | Q(exempt_rule="one_person_posts", kind="post", into_closed=False)
                | Q(exempt_rule="one_person_posts", kind="post", into_closed=True, reason__gt="")
                | Q(exempt_rule="under_limit", kind="link"),
            ),
            models.CheckConstraint(
                name="amount_positive",
                condition=Q(amount__isnull=False, amount__gt=0) | Q(kind__in=OF_NOTE),
            ),
            models.CheckConstraint(
                name="pair_named",
                condition=Q(kind__in=OF_NOTE, invoice_payable_id__isnull=True)
                | (~Q(kind__in=OF_NOTE) & Q(invoice_payable_id__isnull=False)),
            ),
            models.UniqueConstraint(
                name="one_open_per_pair",
                fields=["credit_note_id", "invoice_payable_id"],
                condition=Q(state__in=OPEN),
            ),
            models.UniqueConstraint(
                name="one_open_of_note_per_credit_note",
                fields=["credit_note_id"],
                condition=Q(kind__in=OF_NOTE, state__in=OPEN),
            ),
            models.UniqueConstraint(
                name="one_in_flight_per_credit_note",
                fields=["credit_note_id"],
                condition=Q(state__in=IN_FLIGHT),
            ),
            models.UniqueConstraint(
                name="one_in_flight_per_invoice",
                fields=["invoice_payable_id"],
                condition=Q(state__in=IN_FLIGHT),
            ),
            models.UniqueConstraint(
                name="one_open_trial_per_question",
                fields=["trial"],
                condition=Q(state__in=OPEN, trial__gt=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Attempt(models.Model):
    """One call made for an instruction: claimed, looked, sent, answered; each step durable.

    `sent_at` is committed before a byte of the write leaves. An attempt without it never sent
    anything and can be abandoned; one with it and without an answer is unknown.
    """

    instruction = models.ForeignKey(Instruction, on_delete=models.PROTECT, related_name="attempts")
    worker = models.TextField()
    claimed_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    before = models.JSONField(null=True)  # what Light showed before
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(default="", blank=True)  # the outcome's name
    status = models.IntegerField(null=True)
    words = models.TextField(default="", blank=True)
    request_id = models.TextField(default="", blank=True)
    abandoned_at = models.DateTimeField(null=True)
    # What reading back has shown since, newest last: [{"at": ISO time, "found": a sentence}].
    looks = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Attempt {self.pk}"
