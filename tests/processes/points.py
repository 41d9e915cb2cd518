"""Where a worker dies: the named points, before and after each durable step and each request."""

from dataclasses import dataclass
from typing import Any

from tests.processes.company import KINDS

SENDING = "clearing.services.sending"
WIRE = "clearing.light.wire:"


@dataclass(frozen=True)
class Point:
    """A function of the product, and the moment of its call at which the worker ends.

    step: only where this is one of its arguments · found: only where its result says that there
    was something to do · write: only while a write is under way · brief: a frozen worker holds a
    transaction open, or is past the last look at the clock, and so is frozen no longer than
    Light's late commits take.
    """

    name: str
    where: str  # "module:attribute"
    when: str = "after"  # or "before"
    step: str = ""
    found: bool = False
    write: bool = False
    brief: bool = False
    scene: str = "plain"  # scenes.SCENES
    kinds: tuple[str, ...] = KINDS  # of lines that come here
    many: bool = False  # it is passed several times on the way of one line

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


def _advanced(name: str, step: str, scene: str, **more: Any) -> Point:
    """After the last statement of a step's transaction, before it commits."""
    where = "clearing.workflow:advance"
    return Point(f"{name}, not committed", where, step=step, scene=scene, brief=True, **more)


PLAIN = (
    Point("before a claim", f"{SENDING}.claiming:_begin", "before", brief=True),
    _advanced("claimed", "claim", "plain"),
    Point("claimed", f"{SENDING}.claiming:claim", found=True),
    Point("slot taken", "clearing.gateway:SharedPace.before", many=True),
    Point("read", "clearing.light.transport:Transport.read", many=True),
    Point("looked", f"{SENDING}.looking:look"),
    Point("before the mark", f"{SENDING}.claiming:mark_sent", "before"),
    Point("marked as sent", f"{SENDING}.claiming:mark_sent"),
    Point("before it connects", f"{WIRE}_PlainConnection.connect", "before", write=True),
    Point("connected", f"{WIRE}_PlainConnection.connect", write=True, brief=True),
    Point("bytes have left", f"{WIRE}_TimedResponse.begin", "before", write=True),
    Point("answer has come", f"{WIRE}_TimedResponse.begin", write=True),
    Point("answer is read", f"{SENDING}.calling:call"),
    Point("before it closes", f"{SENDING}.claiming:close", "before", brief=True),
    Point("closed", f"{SENDING}.claiming:close", brief=True),
    _advanced("done", "done", "plain"),
    Point("done", f"{SENDING}.outcomes:after_call"),
    Point("before it reads back", "clearing.services.mirroring.details:_read_one", "before"),
    Point("read back, not committed", "clearing.services.mirroring.details:_write", brief=True),
)
UNCLEAR = (
    _advanced("lost", "lose", "unclear"),
    Point("lost", f"{SENDING}.outcomes:after_call", scene="unclear"),
    Point("taken to settle", f"{SENDING}.settling:_take", scene="unclear"),
    Point("looked again", f"{SENDING}.settling:_decide", scene="unclear"),
    Point("before it counts a look", f"{SENDING}.settling:_count", "before", scene="absent"),
    Point("counted a look", f"{SENDING}.settling:_count", scene="absent"),
    _advanced("settled as done", "done", "applied"),
    _advanced("settled as absent", "not_applied", "absent"),
    Point("settled", f"{SENDING}.settling:_end", scene="absent"),
    Point("asked too late", f"{SENDING}.calling:call", scene="late"),
)
RECOVERING = (
    Point("before a recovery", f"{SENDING}.claiming:_end_lease", "before",
          scene="dead sending", brief=True),
    _advanced("recovered a call", "lose", "dead sending"),
    _advanced("recovered a claim", "put_back", "dead claiming"),
    Point("recovered", f"{SENDING}:recover", found=True, scene="dead sending"),
)  # fmt: skip
TURNED_AWAY = (
    _advanced("put back", "put_back", "turned away"),
    Point("put back", f"{SENDING}.outcomes:put_back", scene="turned away"),
    Point("all held back", f"{SENDING}.stopping:hold_all", scene="turned away"),
    _advanced("refused", "refuse", "refused"),
    Point("before it falls", f"{SENDING}.outcomes:fall", "before", scene="unfit", kinds=("link",)),
    _advanced("fallen", "fall", "unfit", kinds=("link",)),
    Point("before it is adopted", f"{SENDING}.outcomes:adopt", "before", scene="there",
          kinds=("link",)),
    _advanced("adopted", "done", "there", kinds=("link",)),
)  # fmt: skip
OF_PAIRS = ("link", "amend", "unlink")
DECIDING = (
    _advanced("asked a person", "ask", "person needed", kinds=OF_PAIRS),
    Point("before a decision is verified", f"{SENDING}.settling:verify_decision", "before",
          scene="person", kinds=OF_PAIRS),
    _advanced("decision verified", "settle_absent", "person", kinds=OF_PAIRS),
    _advanced("decision borne out", "settle_done", "person who is right", kinds=("link",)),
    Point("decision taken back", f"{SENDING}.settling:_clear_decision", kinds=OF_PAIRS,
          scene="person in error"),
)  # fmt: skip
POINTS = PLAIN + UNCLEAR + RECOVERING + TURNED_AWAY + DECIDING
BY_NAME = {point.name: point for point in POINTS}
