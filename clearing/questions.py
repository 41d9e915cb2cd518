"""What Light's documents leave open: each question, its answers, and what counts meanwhile.

Pure. What is known of them is in clearing.known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

Words = str | Promise
PARTLY, ON_POSTED = "partly_cleared", "link_on_posted"
EXISTING_PAIR, UNLINK_POSTED, POSTED_LISTED = "existing_pair", "unlink_posted", "posted_listed"
IDS, UPDATED_AT, OUTSTANDING = "ids", "updated_at", "outstanding"
SCHEDULED, NUMBER = "scheduled_payment", "document_number"
YES, NO = "yes", "no"
CLEAR, REFUSE, NOTHING = "clear", "refuse", "nothing"
TRIALS = (PARTLY, ON_POSTED)  # what one ordinary link can find out


@dataclass(frozen=True)
class Question:
    """One open question; `default` is the answer that counts until another one is known."""

    ask: Words
    why: Words  # what depends on it
    answers: Mapping[str, Words]
    default: str
    shows: Words  # how it can become known


_BY_PERSON = gettext_lazy("Only a person can say it: ask Light, or look it up there.")

QUESTIONS: dict[str, Question] = {
    PARTLY: Question(
        gettext_lazy("Does Light link a credit note that is partly used already?"),
        gettext_lazy(
            "Whether the rest of a partly used credit note can pay another invoice, and whether a "
            "credit note can pay more than one invoice that is already posted."
        ),
        {YES: gettext_lazy("Yes, its rest can be used"),
         NO: gettext_lazy("No, only one that is wholly unused")},
        NO,
        gettext_lazy("One link of such a credit note shows it: a trial."),
    ),
    ON_POSTED: Question(
        gettext_lazy("What does Light do with a link to an invoice that is posted already?"),
        gettext_lazy("Whether invoices that are posted and not paid can be paid with credit."),
        {CLEAR: gettext_lazy("It clears at once"),
         REFUSE: gettext_lazy("Light says no"),
         NOTHING: gettext_lazy("Light says yes, and does nothing")},
        CLEAR,
        gettext_lazy("The first link to a posted invoice shows it; a trial does, too."),
    ),
    EXISTING_PAIR: Question(
        gettext_lazy("What does Light do with a second link between the same two documents?"),
        gettext_lazy(
            "Nothing: we look first, and never send a link again by ourselves, whatever Light does."
        ),
        {REFUSE: gettext_lazy("Light says no"),
         "replace": gettext_lazy("It replaces the first"),
         "add": gettext_lazy("It is added to the first")},
        REFUSE,
        gettext_lazy("It shows where somebody links the same two in Light while we send."),
    ),
    UNLINK_POSTED: Question(
        gettext_lazy("Can a link be removed after its invoice was posted?"),
        gettext_lazy("Nothing: after posting we undo the clearing, and remove no link."),
        {REFUSE: gettext_lazy("No, the clearing has to be undone"),
         "allow": gettext_lazy("Yes, that undoes the clearing")},
        REFUSE,
        gettext_lazy("It shows where an invoice is posted while we remove its link."),
    ),
    POSTED_LISTED: Question(
        gettext_lazy("Does Light still list a link after its invoice was posted?"),
        gettext_lazy("Nothing: a link of a posted invoice is not counted, listed or not."),
        {YES: gettext_lazy("Yes"), NO: gettext_lazy("No")},
        NO,
        gettext_lazy("It shows once a planned link has cleared and was read again."),
    ),
    IDS: Question(
        gettext_lazy("Which ids does Light use in clearings?"),
        gettext_lazy(
            "How fast a clearing finds its credit note in the copy; we know documents by all ids."
        ),
        {"external": gettext_lazy("Those of the credit notes"),
         "other": gettext_lazy("Those of the accounting documents")},
        "external",
        gettext_lazy("The first clearing that is read shows it."),
    ),
    UPDATED_AT: Question(
        gettext_lazy("Does a link change the “updated” time of a credit note?"),
        gettext_lazy(
            "How soon the copy sees a link that somebody makes in Light; where it does not, the "
            "next full reading finds it."
        ),
        {YES: gettext_lazy("Yes"), NO: gettext_lazy("No")},
        YES,
        gettext_lazy("The first link that we make shows it."),
    ),
    OUTSTANDING: Question(
        gettext_lazy("Does a planned link lower the open amount that Light gives?"),
        gettext_lazy(
            "We subtract planned links ourselves. If Light does too, an invoice seems to have less "
            "open than it has: too little can be linked, never too much."
        ),
        {YES: gettext_lazy("Yes"), NO: gettext_lazy("No")},
        NO,
        gettext_lazy("The first link to a draft invoice shows it, once the invoice is read again."),
    ),
    SCHEDULED: Question(
        gettext_lazy("Does a link lower a payment that is already scheduled?"),
        gettext_lazy(
            "Whether somebody has to lower the payment in Light. We warn of it in any case."
        ),
        {YES: gettext_lazy("Yes"), NO: gettext_lazy("No")},
        NO,
        _BY_PERSON,
    ),
    NUMBER: Question(
        gettext_lazy("Whose number is the number of a credit note?"),
        gettext_lazy("Whether searching for the vendor's number finds it; we search texts, too."),
        {"vendor": gettext_lazy("The vendor's own"),
         "light": gettext_lazy("Light makes it"),
         "both": gettext_lazy("The vendor's, and Light's where none was given")},
        "both",
        _BY_PERSON,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """The answers that count now, by question; `defaults` stand in for what is not known."""

    known: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)

    def of(self, question: str) -> str:
        standing_in = self.defaults.get(question) or QUESTIONS[question].default
        return self.known.get(question) or standing_in

    @property
    def partly_linkable(self) -> bool:
        return self.of(PARTLY) == YES

    @property
    def posted_linkable(self) -> bool:
        return self.of(ON_POSTED) == CLEAR

    @property
    def unanswered(self) -> frozenset[str]:
        return frozenset(QUESTIONS) - self.known.keys()

    @property
    def rest_is_open(self) -> bool:
        """Nobody knows whether a rest can be linked, and it counts as no meanwhile."""
        return PARTLY in self.unanswered and not self.partly_linkable
