"""Before a byte leaves: is it approved, and does it still fit what Light shows?"""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clearing import money, questions, usable
from clearing.deciding.drafts import digest
from clearing.deciding.facts import (
    Adopt,
    Approval,
    Content,
    Fall,
    Invoice,
    Note,
    Observation,
    Rules,
    Send,
    Wait,
)
from clearing.deciding.pairs import Pair, clearing_in, pair_in

Decision = Send | Adopt | Fall | Wait


def not_approved(content: Content, approval: Approval, rules: Rules) -> str:
    """Why this was never approved as it stands; empty where it was. Asked before every call."""
    if not approval.as_approved:
        return _("It is not what was approved any more. Propose it again.")
    if approval.approved_by is not None:
        if approval.exempt_rule or approval.approved_by == approval.asked_by:
            return _("A second person has not approved it. Propose it again.")
        return ""
    if not _exempt(content, approval.exempt_rule, rules):
        return _("A second person has to approve it. Propose it again.")
    return ""


def _exempt(content: Content, rule: str, rules: Rules) -> bool:
    """Whether the named rule lets one person do this."""
    of_note = rule in ("one_person_discards", "one_person_posts")
    if rules.second_person_always or content.trial:
        return False
    if content.amount is None and not of_note:
        return False
    if rule == "one_person_removes":
        return content.kind == "unlink"
    if rule == "one_person_lowers":
        return content.kind == "amend" and _lowers(content)
    if rule == "one_person_discards":
        return content.kind == "archive" and content.of_draft
    if rule == "one_person_posts":
        return content.kind == "post"
    if rule == "under_limit":
        limit = rules.exempt_under.get(content.currency, 0)
        return content.kind == "link" and (content.amount or 0) < limit
    return False


def _lowers(content: Content) -> bool:
    return (
        content.amount is not None
        and content.previous_amount is not None
        and content.amount < content.previous_amount
    )


def before_sending(content: Content, seen: Observation, rules: Rules) -> Decision:
    """Send it, take it as done, wait, or let it fall with a sentence."""
    if seen.note is None:
        return Fall(_("Light no longer shows the credit note."))
    if content.kind in OF_NOTE:
        return OF_NOTE[content.kind](content, seen, seen.note)
    if seen.invoice is None:
        return Fall(_("Light no longer shows the invoice."))
    if changed := _changed(content, seen.note) or _changed(content, seen.invoice):
        return Fall(changed)
    decide = {"link": _link, "amend": _amend, "unlink": _unlink, "reverse": _reverse}
    if content.kind not in decide:
        return Fall(_("It is not known how to do this in Light."))
    return decide[content.kind](content, seen, seen.note, seen.invoice, rules)


def _changed(content: Content, document: Note | Invoice) -> str:
    """The sentence where a document is not the one that was approved."""
    is_note = isinstance(document, Note)
    for value, approved, words in (
        (document.vendor_id, content.vendor_id, _("its vendor is another one")),
        (document.entity_id, content.entity_id, _("its company entity is another one")),
        (document.currency, content.currency, _("its currency is another one")),
        (
            document.amount,
            content.credit_note_amount if is_note else content.invoice_amount,
            _("its amount is now %(amount)s")
            % {"amount": money.text(document.amount, document.currency)},
        ),
    ):
        if value != approved:
            return _("%(document)s was changed in Light since this was asked for: %(what)s.") % {
                "document": document.name,
                "what": words,
            }
    return ""


def _link(
    content: Content, seen: Observation, note: Note, invoice: Invoice, rules: Rules
) -> Decision:
    pair = pair_in(content, seen)
    if pair.cleared:
        return Fall(
            _("These two have cleared each other already, with %(amount)s.")
            % {"amount": money.text(pair.cleared, content.currency)}
        )
    if pair.amounts:
        return _linked_already(content, pair, invoice)
    if sentence := _not_usable(content, seen, note, invoice, rules):
        return Fall(sentence)
    if invoice.posted and seen.goes_first:
        return Wait(
            rules.look_again,
            _("Other lines of this credit note go first, because it counts as partly used after "
              "this one."),
        )  # fmt: skip
    return _covered(content, seen, content.amount or 0, rules)


def _linked_already(content: Content, pair: Pair, invoice: Invoice) -> Decision:
    if invoice.posted:
        return Fall(
            _("Light still lists an earlier link between these two, which it did not use when "
              "the invoice was posted. Remove that in Light first.")
        )  # fmt: skip
    if pair.amounts == {content.amount} and not pair.twice:
        return Adopt(_("Light showed this link already."))
    return Fall(
        _("These two are linked in Light already, with %(amount)s.")
        % {"amount": _each(pair.amounts, content.currency)}
    )


def _amend(
    content: Content, seen: Observation, note: Note, invoice: Invoice, rules: Rules
) -> Decision:
    if invoice.posted:
        return Fall(_posted(invoice))
    pair = pair_in(content, seen)
    if not pair.amounts:
        return Fall(_("These two are not linked in Light any more."))
    if pair.amounts == {content.amount} and not pair.twice:
        return Adopt(_("The link had this amount already."))
    if pair.amounts != {content.previous_amount} or pair.twice:
        return Fall(_now(pair, content))
    if _lowers(content):
        return Send()
    if sentence := _not_usable(content, seen, note, invoice, rules):
        return Fall(sentence)
    return _covered(content, seen, (content.amount or 0) - (content.previous_amount or 0), rules)


def _unlink(
    content: Content, seen: Observation, note: Note, invoice: Invoice, rules: Rules
) -> Decision:
    if invoice.posted:
        return Fall(_posted(invoice))
    pair = pair_in(content, seen)
    if pair.amounts == {content.amount} and not pair.twice:
        return Send()
    if pair.amounts:
        return Fall(_now(pair, content))
    return Fall(_unknown_entry()) if seen.unmapped else Adopt(_("The link was gone already."))


def _archive(content: Content, seen: Observation, note: Note) -> Decision:
    if note.status == "ARCHIVED":
        return Adopt(_("It was cancelled in Light already."))
    if changed := _changed(content, note):
        return Fall(changed)
    links = sum(not link.posted for link in seen.note_links)
    if links:
        return Fall(
            ngettext(
                "It is linked to %(n)d invoice. Remove that link first.",
                "It is linked to %(n)d invoices. Remove those links first.",
                links,
            )
            % {"n": links}
        )
    if content.of_draft and note.status != "DRAFT":
        return Fall(_("It is no longer a draft, so a second person has to approve this."))
    as_seen = content.status_seen in ("", note.status)
    may_be = {"DRAFT"} if content.of_draft else {"APPROVAL_PENDING", "APPROVED", "POSTED"}
    if not as_seen or note.status not in may_be:
        return Fall(
            _("Its status is now “%(status)s”, which is not what was approved.")
            % {"status": note.status or "–"}
        )
    return Send()


def _post(content: Content, seen: Observation, note: Note) -> Decision:
    """Only the draft that was looked at, into a month that was open, or closed as approved."""
    if note.status in usable.IN_LEDGER:
        return Adopt(_("It was posted in Light already."))
    if changed := _changed(content, note):
        return Fall(changed)
    if note.status != "DRAFT":
        return Fall(
            _("It is no longer a draft: its status is now “%(status)s”.")
            % {"status": note.status or "–"}
        )
    if not note.lines:
        return Fall(_("It has no line any more."))
    if digest(note.lines) != content.lines:
        return Fall(_("Its lines were changed in Light since this was asked for."))
    if note.day != content.day:
        return Fall(_("The day it would be posted on was changed in Light meanwhile."))
    if content.month and seen.month != content.month:
        return Fall(_("It names no day, and the month it would be posted into is another one now."))
    if seen.closed and not content.into_closed:
        return Fall(f"{seen.closed} {_('Only a controller can post into it, with a reason.')}")
    return Send()


OF_NOTE = {"archive": _archive, "post": _post}


def _reverse(
    content: Content, seen: Observation, note: Note, invoice: Invoice, rules: Rules
) -> Decision:
    cleared = clearing_in(content, seen)
    if not cleared:
        return Fall(_("Light no longer shows this clearing."))
    if content.archives and any(not link.posted for link in seen.note_links):
        return Fall(_("It is linked to an invoice, so it cannot be cancelled with its clearing."))
    if content.archives and (seen.note_cleared or 0) > cleared:
        return Fall(_("It has cleared something else too, so it cannot be cancelled with this."))
    if cleared != content.amount:
        return Fall(
            _("The clearing is now %(amount)s.") % {"amount": money.text(cleared, content.currency)}
        )
    return Send()


def _not_usable(
    content: Content, seen: Observation, note: Note, invoice: Invoice, rules: Rules
) -> str:
    """The sentence of the first rule that says no, or of an entry that may be anybody's.

    A trial is let through the very rule that it tries out, as long as nobody knows its answer.
    """
    tries = content.trial if content.trial in rules.unanswered else ""
    partly = rules.partially_cleared_linkable or tries == questions.PARTLY
    on_posted = rules.posted_linkable or tries == questions.ON_POSTED
    if problem := usable.credit_note_problem(note, partially_cleared_linkable=partly):
        return f"{note.name}: {problem.sentence}"
    if problem := usable.invoice_problem(invoice, posted_linkable=on_posted):
        return f"{invoice.name}: {problem.sentence}"
    if problem := usable.pair_problem(note, invoice):
        return problem.sentence
    return _unknown_entry() if seen.unmapped else ""


def _covered(content: Content, seen: Observation, more: int, rules: Rules) -> Decision:
    """Send if both documents still have so much more; the sentence shows what is left."""
    if seen.free is None:
        return Wait(rules.look_again, _("What is free on the credit note is not known yet."))
    if seen.open is None:
        return Fall(_("Light does not say how much of the invoice is open."))
    if more > seen.free:
        return Fall(
            _("Only %(left)s of the credit note is still free.")
            % {"left": money.text(max(seen.free, 0), content.currency)}
        )
    if more > seen.open:
        return Fall(
            _("Only %(left)s of the invoice is still open.")
            % {"left": money.text(max(seen.open, 0), content.currency)}
        )
    return Send()


def _posted(invoice: Invoice) -> str:
    return _(
        "%(invoice)s is posted by now, so its link can no longer be changed. Undo the clearing "
        "instead."
    ) % {"invoice": invoice.name}


def _now(pair: Pair, content: Content) -> str:
    return _("The link's amount is now %(amount)s.") % {
        "amount": _each(pair.amounts, content.currency)
    }


def _each(amounts: frozenset[int], currency: str) -> str:
    return " / ".join(money.text(amount, currency) for amount in sorted(amounts))


def _unknown_entry() -> str:
    return _(
        "Light lists a link or a payment that is not in the copy yet, so what is left is not "
        "certain. Propose it again after the next sync."
    )
