"""Who was allowed to make a write, looked up in the database at the moment its bytes leave."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from clearing.models import Attempt, Edit, Instruction

PAIR = re.compile(r"/v1/credit-notes/([0-9a-f-]+)/invoice-payables/([0-9a-f-]+)$")
NOTE = re.compile(r"/v1/credit-notes/([0-9a-f-]+)/(archive|post)$")
REVERSE = re.compile(r"/v1/invoice-payables/([0-9a-f-]+)/reverse-clearing$")
DRAFT = re.compile(r"/v1/credit-notes/([0-9a-f-]+)(/lines.*)?$")
OF_METHOD = {"POST": "link", "PATCH": "amend", "DELETE": "unlink"}
Key = tuple[Any, ...]  # (kind, credit note or clearing document, invoice, amount or flag)


@dataclass
class Sent:
    """One write whose bytes have left."""

    path: str
    method: str
    body: dict[str, Any]
    fate: str
    key: Key | None = None  # what it asks for; None: it edits a draft
    line: int | None = None  # the instruction in SENDING that asks for it
    edit: int | None = None
    applied_at: float | None = None  # when Light did it
    problems: list[str] = field(default_factory=list)

    @property
    def may_go_again(self) -> bool:
        """Light has said clearly, and we have heard it, that nothing was done."""
        return self.fate in ("429", "401", "403")


def key_of(method: str, path: str, body: dict[str, Any]) -> Key | None:
    """What a write asks for; None: it is an edit of a draft."""
    if found := PAIR.match(path):
        return (OF_METHOD[method], found[1], found[2], body.get("amount"))
    if found := NOTE.match(path):
        return (found[2], found[1], None, None)
    if found := REVERSE.match(path):
        document = body["clearingAccountingDocumentId"]
        return ("reverse", document, found[1], body["shouldArchiveClearingDocument"])
    return None


def key_of_line(line: Instruction) -> Key:
    """What one line asks for, in the same form."""
    note, invoice = str(line.credit_note_id), str(line.invoice_payable_id or "") or None
    if line.kind == "reverse":
        return ("reverse", str(line.clearing_id), invoice, line.archives)
    if line.kind in ("link", "amend"):
        return (line.kind, note, invoice, line.amount)
    return (line.kind, note, invoice, None)


def of(request: Any, fate: str, now: datetime) -> Sent:
    """The write, with whatever is wrong about its being sent at all."""
    body = json.loads(request.body) if request.body else {}
    sent = Sent(request.path_url, request.method, body, fate)
    sent.key = key_of(request.method, request.path_url, body)
    if sent.key is None:
        _witness_edit(sent)
    else:
        _witness_line(sent, sent.key, now)
    return sent


def _witness_line(sent: Sent, key: Key, now: datetime) -> None:
    sending = Instruction.objects.filter(state="sending")
    if key[0] == "reverse":
        found = sending.filter(clearing_id=key[1], invoice_payable_id=key[2], kind="reverse")
    else:
        found = sending.filter(credit_note_id=key[1], invoice_payable_id=key[2], kind=key[0])
    line = found.first()
    if line is None:
        sent.problems.append("no line in SENDING asks for this call")
        return
    sent.line = line.pk
    if key_of_line(line) != key:
        sent.problems.append(f"the line asks for {key_of_line(line)}, the call for {key}")
    of_documents = Q(credit_note_id=line.credit_note_id)
    if line.invoice_payable_id:
        of_documents |= Q(invoice_payable_id=line.invoice_payable_id)
    if Instruction.objects.filter(of_documents, state__in=Instruction.IN_FLIGHT).count() > 1:
        sent.problems.append("another line of its documents is in flight")
    attempt = Attempt.objects.filter(instruction=line, answered_at=None, abandoned_at=None).first()
    if attempt is None or attempt.sent_at is None:
        sent.problems.append("the call was not marked as sent before")
    elif attempt.lease_until <= now:
        sent.problems.append("its lease was over when the call went out")


def _witness_edit(sent: Sent) -> None:
    found = DRAFT.match(sent.path)
    edit = Edit.objects.filter(state="sending", credit_note_id=found[1]).first() if found else None
    if edit is None:
        sent.problems.append("no edit in SENDING asks for this call")
    else:
        sent.edit = edit.pk
