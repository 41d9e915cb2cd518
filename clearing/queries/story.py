"""The technical story of lines: who let them go, each call, each reading back, to the second."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearing.models import Attempt, AuditEvent, Instruction

MOST = 200  # attempts, and events, on one page
TOLD_BY_ATTEMPTS = (
    "began to send", "not sent, will try again", "no clear answer, being checked",
)  # fmt: skip
ANSWERS = {
    "fell": gettext_lazy("Looked first: it did not fit any more, and was not sent"),
    "adopted": gettext_lazy("Looked first: it was in Light already, and was not sent"),
    "not sent": gettext_lazy("Not sent, and will go again"),
    "done": gettext_lazy("Light confirmed it"),
    "refused": gettext_lazy("Light said no"),
    "unknown": gettext_lazy("No clear answer, so it is read back"),
    "lease ended": gettext_lazy("The worker did not come back; another went on"),
}
LOOKS = {
    "there": gettext_lazy("Read back: Light shows it"),
    "not there": gettext_lazy("Read back: Light does not show it"),
    "cannot tell": gettext_lazy("Read back: that does not tell"),
    "unreadable": gettext_lazy("Read back: Light’s answer could not be read"),
    "no answer": gettext_lazy("Read back: Light did not answer"),
}


@dataclass(frozen=True)
class Step:
    """One step: when, who or what, and what Light's side calls the request."""

    at: datetime
    words: str
    who: str = ""
    ids: str = ""


@dataclass
class Story:
    """One line's steps in their order; `trace` is in every line of the log about it."""

    line: str
    trace: str
    steps: list[Step] = field(default_factory=list)


def of(lines: Iterable[Instruction], names: dict[int, str]) -> list[Story]:
    """The story of each of these lines that was let go; two queries."""
    gone = [line for line in lines if line.approved_by_id or line.exempt_rule]
    steps: dict[int, list[Step]] = defaultdict(list)
    traces = {line.pk: line.trace for line in gone}
    if gone:
        for attempt in Attempt.objects.filter(instruction__in=gone).order_by("id")[:MOST]:
            steps[attempt.instruction_id] += of_attempt(attempt)
        events = AuditEvent.objects.filter(instruction_id__in=[line.pk for line in gone])
        for event in events.exclude(verb__in=TOLD_BY_ATTEMPTS).order_by("id")[:MOST]:
            steps[event.instruction_id or 0].append(_of_event(event, traces))
    return [
        Story(names.get(line.pk, ""), line.trace, sorted(steps[line.pk], key=lambda one: one.at))
        for line in gone
    ]


def _of_event(event: AuditEvent, traces: dict[int, str]) -> Step:
    """With its own trace where that is not its line's."""
    own = event.trace and event.trace != traces.get(event.instruction_id or 0)
    trace = _("trace %(id)s") % {"id": event.trace} if own else ""
    return Step(event.at, _(event.verb), event.by_name, trace)


def of_attempt(one: Attempt) -> list[Step]:
    """A call in its steps: taken, sent, answered, read back."""
    steps = [Step(one.claimed_at, _("Taken to be sent"), one.worker)]
    if one.sent_at:
        steps.append(Step(one.sent_at, _("Looked at both documents: it fits. Sent.")))
    if ended := one.answered_at or one.abandoned_at:
        request = _("Light’s request %(id)s") % {"id": one.request_id} if one.request_id else ""
        steps.append(Step(ended, answer(one), ids=request))
    return steps + [_of_look(look) for look in one.looks if isinstance(look, dict)]


def answer(one: Attempt) -> str:
    """What came back, with Light's status and words."""
    words = [str(ANSWERS.get(one.answer, one.answer))]
    if one.status:
        words.append(_("status %(code)d") % {"code": one.status})
    if one.words:
        words.append(f"“{one.words}”")
    return " · ".join(word for word in words if word)


def _of_look(look: dict[str, Any]) -> Step:
    found = str(look.get("found", ""))
    return Step(datetime.fromisoformat(str(look["at"])), str(LOOKS.get(found, found)))
