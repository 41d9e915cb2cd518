"""The paper of a credit note or an invoice: printed, or a file that somebody put there."""

from __future__ import annotations

import base64

from clearing.sandbox import pdf
from clearing.sandbox.messages import Response
from clearing.sandbox.records import Record
from clearing.sandbox.store import Store

PDF = "application/pdf"
LARGEST = 2**31  # bytes


def attach(store: Store, record: Record, content: str, content_type: str, size: int) -> Record:
    """Put a file in the place of a document's paper.

    content: base64, or empty for the paper that is there, else for an empty page; size: bytes to
    which a shorter file is filled up with blanks when it is sent. A ValueError names what is wrong.
    """
    base64.b64decode(content, validate=True)
    if not 0 <= size <= LARGEST:
        raise ValueError(f"size is at most {LARGEST}")
    if any(not 32 <= ord(sign) < 127 for sign in content_type):
        raise ValueError("content_type is plain text")
    file = {"id": record["id"], "contentType": content_type, "content": content, "size": size}
    return {"id": store.put("file", file)["id"]}


def detach(store: Store, kind: str, record: Record) -> None:
    """From now on there is no paper. `updatedAt` stays: Light says nothing of it."""
    if store.get("file", record["id"]):
        store.remove("file", record["id"])
    store.put(kind, {**record, "_pdf": None})


def exists(store: Store, record: Record) -> bool:
    return bool(record["_pdf"]) or store.get("file", record["id"]) is not None


def sent(store: Store, record: Record) -> Response | None:
    """The file as an answer; None where there is none."""
    if not exists(store, record):
        return None
    file = store.get("file", record["id"]) or {"contentType": PDF, "content": "", "size": 0}
    content = base64.b64decode(file["content"]) or pdf.build(record["_pdf"] or [])
    # A reader finds a PDF's table by the lines at its very end: they are sent once more.
    table = content.rfind(b"startxref") if content.startswith(b"%PDF") else -1
    end = b"\n" + content[table:] if table >= 0 else b""
    blanks = max(0, file["size"] - len(content) - len(end))
    headers = {"Content-Type": file["contentType"]}
    return Response(200, content, headers, blanks=blanks, end=end if blanks else b"")
