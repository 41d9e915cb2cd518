"""What is known of the open questions about Light: the one place that reads the answers.

A person's answer counts until a person takes it back or gives another; else what was seen last.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max

from clearing import questions
from clearing.models import Known
from clearing.questions import Answers

_step: ContextVar[list[Answers] | None] = ContextVar("known", default=None)


@dataclass(frozen=True)
class Standing:
    """How one question stands; `seen_against`: what was seen after a person had said otherwise."""

    row: Known | None = None  # whose answer counts; None: not known
    newest: Known | None = None
    seen_against: Known | None = None

    @property
    def answer(self) -> str:
        return self.row.answer if self.row else ""


@contextmanager
def once() -> Iterator[None]:
    """Inside, the answers are read once: for a request, or for a step of the worker."""
    if _step.get() is not None:
        yield
        return
    token = _step.set([])
    try:
        yield
    finally:
        _step.reset(token)


def forget() -> None:
    """An answer has changed: read anew."""
    if kept := _step.get():
        kept.clear()


def answers() -> Answers:
    """The answers that count now; one query at most."""
    kept = _step.get()
    if kept is None:
        return _read()
    if not kept:
        kept.append(_read())
    return kept[0]


def _read() -> Answers:
    by_setting = questions.YES if settings.PARTIALLY_CLEARED_LINKABLE else questions.NO
    return Answers(
        known={one: found.answer for one, found in standing().items() if found.answer},
        defaults={questions.PARTLY: by_setting},
    )


def standing(question: str = "") -> dict[str, Standing]:
    """How each question stands of which anything was ever said; or this one alone."""
    rows = Known.objects.filter(question=question) if question else Known.objects.all()
    newest = rows.values("question", "how").annotate(newest=Max("id")).order_by().values("newest")
    found: dict[str, dict[str, Known]] = {}
    for row in Known.objects.filter(id__in=newest).select_related("by"):
        found.setdefault(row.question, {})[row.how] = row
    return {
        name: _stands(by_how.get(Known.How.SET), by_how.get(Known.How.SEEN))
        for name, by_how in found.items()
        if name in questions.QUESTIONS
    }


def _stands(said: Known | None, seen: Known | None) -> Standing:
    later = seen is not None and (said is None or seen.pk > said.pk)
    newest = seen if later else said
    if said is None or not said.answer:
        return Standing(seen if later else None, newest)
    against = seen if later and seen and seen.answer != said.answer else None
    return Standing(said, newest, against)
