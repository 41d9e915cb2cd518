"""What is an exception: lines, links, clearings, edits, differences, its kind as `code`."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import (
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.utils import timezone

from clearing.models import (
    Acknowledged,
    Clearing,
    Difference,
    Edit,
    Instruction,
    Link,
    Suspicion,
    SyncRun,
)

S = Instruction.State
F_ = Link.Fate
UNPLANNED = (Suspicion.Kind.BY_LIGHT, Suspicion.Kind.FOREIGN)  # of clearings
# A link that somebody made in Light, as long as there is something of it to look at.
STANDING = (F_.PLANNED, F_.CHECKING, F_.CLEARED, F_.CLEARED_PART)


def lines() -> QuerySet[Instruction]:
    """Lines without a clear end, and those that ended badly until somebody dealt with them."""
    ended = Q(state__in=[S.REFUSED, S.NOT_APPLIED, S.FALLEN], dealt_at=None)
    found = Instruction.objects.filter(ended | Q(state__in=[S.UNKNOWN, S.NEEDS_PERSON]))
    return found.annotate(code=F("state")).select_related("proposal", "asked_by", "dealt_by")


def links() -> QuerySet[Link]:
    """Links that Light did not honour, that were made in Light, or are planned for long."""
    not_honoured = Q(fate=F_.NOT_HONOURED) & ~Q(Exists(_dealt())) & ~Q(_seen_since("fate_at"))
    planned = Q(fate=F_.PLANNED, gone_at=None, first_seen_at__lt=_long_ago())
    found = Link.objects.filter(not_honoured | _made_in_light() | planned)
    return found.annotate(
        code=Case(
            When(fate=F_.NOT_HONOURED, then=Value("not_honoured")),
            When(_made_in_light(), then=Value("made_in_light")),
            default=Value("planned"),
            output_field=TextField(),
        )
    )


def _made_in_light() -> Q:
    """Links that are not ours, made after the first sync, until somebody has acknowledged them."""
    first = SyncRun.objects.filter(state=SyncRun.State.DONE).order_by("id")
    return (
        Q(made_here=False, fate__in=STANDING)
        & Q(first_seen_at__gt=Subquery(first.values("finished_at")[:1]))
        & (
            Q(updated_in_light_at=None)
            | Q(updated_in_light_at__gt=Subquery(first.values("started_at")[:1]))
        )
        & ~Q(_seen_since("first_seen_at"))
    )


def _seen_since(column: str) -> Exists:
    """Whether somebody has acknowledged a link since the time in this column."""
    return Exists(Acknowledged.objects.filter(link_id=OuterRef("pk"), at__gte=OuterRef(column)))


def _dealt() -> QuerySet[Instruction]:
    """The line that made a link, where a person has dealt with what became of it."""
    return Instruction.objects.filter(
        credit_note_id=OuterRef("credit_note_id"),
        invoice_payable_id=OuterRef("invoice_payable_id"),
        kind=Instruction.Kind.LINK,
        state=S.DONE,
        dealt_at__gte=OuterRef("fate_at"),
    )


def _long_ago() -> datetime:
    return timezone.now() - timedelta(days=settings.PLANNED_TOO_LONG_DAYS)


def clearings() -> QuerySet[Clearing]:
    """Clearings that nobody planned here, Light's and others', until somebody has seen them."""
    suspected = Suspicion.objects.filter(kind__in=UNPLANNED)
    by_light = suspected.filter(kind=Suspicion.Kind.BY_LIGHT).values("one_id")
    seen = Acknowledged.objects.filter(clearing_id=OuterRef("pk"))
    found = Clearing.objects.filter(~Exists(seen), pk__in=suspected.values("one_id"), gone_at=None)
    return found.annotate(
        code=Case(
            When(pk__in=by_light, then=Value("by_light")),
            default=Value("foreign"),
            output_field=TextField(),
        )
    )


def differences() -> QuerySet[Difference]:
    """Where we and Light do not agree, twice read where that needs it, until somebody has seen
    it or it has ended."""
    seen = Acknowledged.objects.filter(difference_id=OuterRef("pk"))
    found = Difference.objects.filter(~Exists(seen), ended_at=None, confirmed=True)
    return found.annotate(code=F("kind"))


def edits() -> QuerySet[Edit]:
    """Edits without a clear answer, and those that are not in Light until somebody has looked."""
    states = [Edit.State.UNKNOWN, Edit.State.NEEDS_PERSON, Edit.State.NOT_APPLIED]
    found = Edit.objects.filter(state__in=states, dealt_at=None)
    return found.annotate(code=Value("edit", output_field=TextField())).select_related("asked_by")


SOURCES = {  # kinds whose rows are no lines of ours
    "edit": edits,
    "not_honoured": links,
    "by_light": clearings,
    "foreign": clearings,
    **dict.fromkeys(Difference.Kind.values, differences),
    "made_in_light": links,
    "planned": links,
}


def of_kind(code: str) -> QuerySet:
    """All exceptions of one kind."""
    return SOURCES.get(code, lines)().filter(code=code)


def count() -> int:
    """How many there are; one query."""
    one = Value(1)
    parts = [
        rows.order_by().annotate(one=one).values("one")
        for rows in (lines(), links(), clearings(), edits(), differences())
    ]
    return parts[0].union(*parts[1:], all=True).count()
