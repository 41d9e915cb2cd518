"""An outcome that is not known is settled by reading, never by time and never by sending again.

A late commit can still arrive during the quarantine, so nothing counts as absent before its end,
and then only when two looks agree and nothing else has changed on the two documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from clearing import money, usable
from clearing.deciding.facts import (
    Ask,
    CannotConfirm,
    Content,
    Done,
    LookAgain,
    NotApplied,
    Note,
    Observation,
)
from clearing.deciding.pairs import Pair, clearing_in, pair_in

LOOKS = 2  # that show nothing, after the quarantine
Shown = Literal["done", "absent", "half", "other", "unclear"]


@dataclass(frozen=True)
class Finding:
    """done: as asked · absent: as before · half: one of two effects, the other may still come ·
    other: none of these · unclear: reading cannot tell.
    """

    shown: Shown
    words: str = ""


def settle(
    content: Content,
    before: Mapping[str, Any] | None,
    seen: Observation,
    *,
    absent_looks: int,
    quarantine_over: bool,
) -> Done | NotApplied | Ask | LookAgain:
    """What became of a call without a clear answer; `before` is Observation.books() at sending.

    `absent_looks` counts the looks after the quarantine that have shown nothing so far.
    """
    found = find(content, seen)
    if found.shown == "done":
        return Done(found.words)
    if found.shown == "other":
        return Ask(found.words)
    if not quarantine_over:
        return LookAgain(0)
    if found.shown in ("unclear", "half"):
        return Ask(found.words)
    if before != seen.books():
        return Ask(
            _("It is not in Light, but one of the documents was changed meanwhile. Somebody may "
              "have removed it.")
        )  # fmt: skip
    if absent_looks + 1 < LOOKS:
        return LookAgain(absent_looks + 1)
    return NotApplied(_("Light did not take it: it was looked for twice and is not there."))


def verify(
    content: Content,
    decision: Literal["says_done", "says_absent"],
    seen: Observation,
    *,
    absent_looks: int,
    quarantine_over: bool,
) -> Done | NotApplied | LookAgain | CannotConfirm:
    """Whether Light bears out what a person said of a line; read at that moment."""
    found = find(content, seen)
    otherwise = found.shown == "half" or _there_otherwise(content, seen)
    if decision == "says_done":
        if found.shown == "done" or otherwise:
            return Done(found.words)
        return CannotConfirm(found.words or _("Light does not show it."))
    if found.shown == "done" or otherwise:
        return CannotConfirm(found.words or _("Light shows that it is there."))
    if found.shown == "unclear" or _among_others(content, seen):
        return CannotConfirm(found.words)
    if quarantine_over and absent_looks + 1 >= LOOKS:
        return NotApplied(found.words or _("Light does not show it."))
    return LookAgain(absent_looks + 1 if quarantine_over else 0)


def _there_otherwise(content: Content, seen: Observation) -> bool:
    """A link with another amount is there all the same; one that is neither listed nor cleared
    after posting is gone, whoever removed it. Any other result is there or is not.
    """
    pair = pair_in(content, seen)
    if content.kind == "link":
        return bool(pair.amounts or pair.cleared)
    shown = seen.note is not None and seen.invoice is not None and not seen.unmapped
    return content.kind == "unlink" and shown and not pair.amounts and not pair.cleared


def _among_others(content: Content, seen: Observation) -> bool:
    """Light lists the pair more than once, or our new amount beside another: it may be ours."""
    pair = pair_in(content, seen)
    return pair.twice or (content.kind == "amend" and content.amount in pair.amounts)


def find(content: Content, seen: Observation) -> Finding:
    """Look for the expected result of an instruction among what Light shows."""
    if seen.note is None:
        return Finding("other", _("Light no longer shows the credit note."))
    if content.kind == "archive":
        return Finding("done" if seen.note.status == "ARCHIVED" else "absent")
    if content.kind == "post":
        return _posted(seen.note)
    if seen.invoice is None:
        return Finding("other", _("Light no longer shows the invoice."))
    if content.kind == "reverse":
        return _reversed(content, seen)
    pair = pair_in(content, seen)
    if pair.twice:
        return Finding("other", _("Light lists this pair twice. Remove one of them in Light."))
    return {"link": _linked, "amend": _amended, "unlink": _unlinked}[content.kind](
        content, seen, pair
    )


def _linked(content: Content, seen: Observation, pair: Pair) -> Finding:
    if pair.amounts == {content.amount}:
        return Finding("done")
    if pair.amounts:
        return Finding("other", _light_shows(pair, content))
    if pair.cleared:
        return _cleared(content, pair)
    return _nothing(seen)


def _amended(content: Content, seen: Observation, pair: Pair) -> Finding:
    if pair.amounts == {content.amount}:
        return Finding("done")
    if pair.amounts == {content.previous_amount}:
        return Finding("absent")
    if pair.amounts == {content.amount, content.previous_amount}:
        return Finding("unclear", _light_shows(pair, content))
    if pair.amounts:
        return Finding("other", _light_shows(pair, content))
    if pair.cleared:
        return _cleared(content, pair)
    if seen.unmapped:
        return _nothing(seen)
    return Finding("other", _("These two are not linked in Light any more."))


def _unlinked(content: Content, seen: Observation, pair: Pair) -> Finding:
    if pair.amounts == {content.amount}:
        return Finding("absent") if pair.on_both else Finding("unclear", _one_side())
    if pair.amounts:
        return Finding("other", _light_shows(pair, content))
    nothing = _nothing(seen)
    if not pair.cleared and nothing.shown != "absent":
        return nothing
    if pair.cleared or (seen.invoice is not None and seen.invoice.posted):
        return Finding("other", _("The invoice was posted meanwhile."))
    return Finding("done")


def _posted(note: Note) -> Finding:
    if note.status in usable.IN_LEDGER:
        return Finding("done")
    if note.status == "DRAFT":
        return Finding("absent")
    return Finding(
        "other", _("Light gives it the status “%(status)s”.") % {"status": note.status or "–"}
    )


def _reversed(content: Content, seen: Observation) -> Finding:
    """With `archives` the credit note has to be cancelled, too."""
    cleared = clearing_in(content, seen)
    if cleared == content.amount:
        return Finding("absent")
    if cleared:
        return Finding(
            "other",
            _("Light shows a clearing of %(amount)s.")
            % {"amount": money.text(cleared, content.currency)},
        )
    nothing = _nothing(seen)
    if nothing.shown != "absent":
        return nothing
    if content.archives and seen.note is not None and seen.note.status != "ARCHIVED":
        return Finding(
            "half", _("The clearing is undone, but Light did not cancel the credit note.")
        )
    return Finding("done")


def _cleared(content: Content, pair: Pair) -> Finding:
    """The link was made and the invoice posted meanwhile, or the invoice stood posted before."""
    if pair.cleared == content.amount:
        return Finding("done")
    return Finding(
        "other",
        _("These two have cleared each other in Light with %(amount)s instead of %(asked)s.")
        % {
            "amount": money.text(pair.cleared, content.currency),
            "asked": money.text(content.amount, content.currency),
        },
    )


def _nothing(seen: Observation) -> Finding:
    """Nothing of ours is listed: absent, unless an entry may be anybody's."""
    if seen.unmapped:
        return Finding(
            "unclear",
            _("Light lists a link or a payment that is not in the copy, so it may be this one."),
        )
    return Finding("absent")


def _light_shows(pair: Pair, content: Content) -> str:
    amounts = " / ".join(money.text(one, content.currency) for one in sorted(pair.amounts))
    return _("Light shows %(amount)s instead of %(asked)s.") % {
        "amount": amounts,
        "asked": money.text(content.amount, content.currency),
    }


def _one_side() -> str:
    return _("Light lists the link on one of the two documents only.")
