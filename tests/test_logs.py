"""What the log says: one trace from page to trail, known fields, nothing private."""

import io
import json
import logging

import pytest
from django.urls import reverse

from clearing import tracing
from clearing.models import AuditEvent, Budget
from clearing.sandbox.server import Sandbox
from clearing.workflow import content_hash
from lightui.logs import Json, Plain, Trace
from tests.services.sending_world import World, state_of

SECRETS = ("Paula", "Prep", "Anton", "Appr", "Vendor AG", "sandbox-key", "typed by hand")


class Log:
    """Everything logged, in one of our formats."""

    def __init__(self, formatter):
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(formatter)
        self.handler.addFilter(Trace())

    def __enter__(self):
        root = logging.getLogger()
        self.level, self.handlers = root.level, list(root.handlers)
        root.addHandler(self.handler)
        root.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_):
        logging.getLogger().removeHandler(self.handler)
        logging.getLogger().setLevel(self.level)

    @property
    def text(self):
        return self.stream.getvalue()

    @property
    def lines(self):
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def world(db, preparer, approver):
    with Sandbox() as sandbox:
        yield World(sandbox, preparer, approver)


def approve(client, world):
    """A person approves a line on its page; the trace of that request."""
    line = world.line(world.note(), world.invoice(), state="proposed")
    client.force_login(world.approver)
    seen = {"seen": content_hash(line.content)}
    answer = client.post(reverse("approve", args=[line.pk]), seen)
    assert answer.status_code == 302 or answer.status_code == 200, answer.text
    assert state_of(line) == "ready"
    return line, answer["X-Request-ID"]


def test_one_trace_leads_from_the_page_over_the_call_to_the_trail(client, world):
    line, trace = approve(client, world)
    assert line.trace == trace
    with Log(Json()) as log:
        world.send()
    verbs = AuditEvent.objects.filter(trace=trace).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["approved", "began to send", "in Light"]
    calls = [one for one in log.lines if one["message"] == "call" and one["trace"] == trace]
    assert [one["call"].split()[0] for one in calls if one["level"] == "INFO"] == ["POST"]
    assert len(calls) >= 5 and all(one["status"] == 200 and one["ms"] >= 0 for one in calls)
    assert str(line.credit_note_id) in calls[-1]["call"]


def test_settling_by_reading_belongs_to_the_same_trace(client, world):
    line, trace = approve(client, world)
    world.sandbox.faults.add(status=502, method="POST", when="after")
    world.send()
    with Log(Json()) as log:
        world.settle(later=40)
    assert state_of(line) == "done"
    assert {one["trace"] for one in log.lines if one["message"] == "call"} == {trace}
    assert AuditEvent.objects.filter(trace=trace, verb="in Light").exists()


@pytest.mark.parametrize("formatter", [Json, Plain])
@pytest.mark.parametrize("status", [200, 401, 409, 422, 500])
def test_no_word_of_lights_and_no_name_reaches_the_log(client, world, formatter, status):
    """The write is answered in words about people, and so is all that is read afterwards."""
    said = json.dumps({"type": "X", "message": "Paula Prep typed by hand", "amount": "Vendor AG"})
    for method, times in (("POST", 1), ("GET", 99)):
        approve(client, world)
        world.sandbox.faults.add(
            kind="body", status=status, body=said, method=method, times=times,
            path="invoice-payables" if method == "POST" else "credit-notes",
        )  # fmt: skip
        with Log(formatter()) as log:
            world.send()
            world.settle(later=40)
            world.settle(later=2000)
        assert log.text and not [secret for secret in SECRETS if secret in log.text]
        world.sandbox.faults.clear()
        Budget.objects.all().delete()  # a refused key has stopped sending


def test_a_message_of_an_exception_stays_out_of_the_log():
    with Log(Json()) as log, tracing.of("t-1"):
        try:
            try:
                {}["Paula Prep"]
            except KeyError as error:
                raise ValueError("typed by hand") from error
        except ValueError:
            logging.getLogger("clearing").exception("it failed", extra={"line": 7, "body": "Appr"})
    (line,) = log.lines
    assert (line["trace"], line["line"], line["level"]) == ("t-1", 7, "ERROR")
    assert "ValueError" in line["raised"] and "KeyError" in line["raised"]
    assert "test_logs.py" in line["raised"]
    assert "Paula Prep\n" not in line["raised"] and "body" not in line


def test_a_plain_line_ends_with_its_fields():
    with Log(Plain()) as log:
        logging.getLogger("clearing").info("call", extra={"call": "GET /v1/vendors", "ms": 14})
    assert log.text.endswith("INFO clearing [-] call call=GET /v1/vendors ms=14\n")
