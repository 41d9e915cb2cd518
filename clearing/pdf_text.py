"""Numbers that the text layer of a PDF names, read in a child process of its own.

A PDF is a stranger's file, and reading one is work without bounds: the child has little time and
memory, no part of our environment, and says what it found page by page, so that a page that is too
much for it takes none of the others along.
"""

import contextlib
import json
import os
import subprocess  # noqa: S404
import sys
import tempfile
from pathlib import Path
from typing import IO, Any, NamedTuple

SECONDS = 2  # of the clock, and of the processor
MEMORY = 512 * 1024 * 1024  # bytes of address space
PAGES = 20
CHARACTERS = 200_000  # of the text of one document
ANSWER = 256 * 1024  # bytes that the child may write
PER_PAGE = 60  # possible numbers of one page
BARE = 6  # significant figures that a number without letters and without a word for it needs
ROOT = Path(__file__).resolve().parent.parent
READ, NO_TEXT, UNREADABLE, NOT_NOW = "read", "no_text", "unreadable", "not_now"


class Text(NamedTuple):
    """What became of a PDF, and what it names: (key, page, words).

    NOT_NOW: the child had no time on this machine; what it found is not everything.
    """

    state: str
    found: list[tuple[str, int, str]]


def read(pdf: bytes, own: str = "") -> Text:
    """The numbers that this PDF names, without its own. Takes two seconds at most."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(pdf)
        given.seek(0)
        before = _seconds_of_children()
        ended = _run(given, answer, own)
        used = _seconds_of_children() - before
        answer.seek(0)
        return _understood(answer.read(ANSWER), ended or used >= SECONDS / 2)


def _run(given: IO[bytes], answer: IO[bytes], own: str) -> bool:
    """Run the child to its end; False if it had to be ended for its time."""
    command = [sys.executable, "-m", "clearing.pdf_text", own[:80].replace("\x00", "")]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    if "SYSTEMROOT" in os.environ:  # without it Python does not start on Windows
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    with subprocess.Popen(  # noqa: S603
        command, stdin=given, stdout=answer, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment
    ) as child:
        try:
            child.wait(SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            return False
    return True


def _understood(said: bytes, settled: bool) -> Text:
    """The child's lines, each a page; the last may be cut off, and there may be none."""
    found: list[tuple[str, int, str]] = []
    pages = characters = 0
    for line in said.splitlines():
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
            page = json.loads(line)
            characters += int(page["characters"])
            pages += 1
            found += [(str(key), int(page["page"]), str(words)) for key, words in page["found"]]
    if not settled:
        return Text(NOT_NOW, found)
    if not pages:
        return Text(UNREADABLE, [])
    return Text(READ if characters else NO_TEXT, found)


def _seconds_of_children() -> float:
    """Processor time that ended children have used; 0 where nobody counts it."""
    try:
        import resource
    except ImportError:
        return 0
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# --- in the child ------------------------------------------------------------------------------
def _limit() -> None:
    """Little time and memory, no large file, no dump; where the system knows such limits."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, ANSWER),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _pages(given: IO[bytes]) -> Any:
    """The text of each page; one that cannot be read is empty."""
    import pypdf

    reader = pypdf.PdfReader(given)
    if reader.is_encrypted:
        reader.decrypt("")
    left = CHARACTERS
    for number, page in enumerate(reader.pages, start=1):
        if number > PAGES or left <= 0:
            return
        text = ""
        with contextlib.suppress(Exception):
            text = page.extract_text()[:left]
        left -= len(text)
        yield number, text


def _say_what_is_found(own: str) -> None:
    """Read a PDF from stdin; write a line of JSON for each page."""
    _limit()
    from clearing.matching import numbers

    for number, text in _pages(sys.stdin.buffer):
        found = numbers.found(text, own, BARE)[:PER_PAGE]
        said = {"page": number, "characters": len(text.strip()), "found": found}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _say_what_is_found(sys.argv[1])
