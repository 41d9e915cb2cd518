"""HTML to PDF by WeasyPrint, in a child process: its time and its memory are not the web's.

The extra `pdf` installs it; it needs the library Pango. It fetches nothing: the one stylesheet
goes along, and every other address is refused.
"""

import ctypes
import ctypes.util
import importlib.util
import json
import os
import subprocess  # noqa: S404
import sys
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

SECONDS = 60
ROOT = Path(__file__).resolve().parents[2]
BASE = "https://export.invalid/"  # leads nowhere: an address that can be compared
LIBRARIES = ("pango-1.0", "pangoft2-1.0")


class NoPdf(Exception):
    """It cannot be made here, or not in time; the message says why."""


@cache
def is_possible() -> bool:
    """Whether WeasyPrint and Pango are installed; nothing of them is loaded."""
    if importlib.util.find_spec("weasyprint") is None:
        return False
    return all(map(_is_there, LIBRARIES))


def _is_there(name: str) -> bool:
    if ctypes.util.find_library(name) or ctypes.util.find_library(f"{name}-0"):
        return True
    try:
        ctypes.CDLL(f"lib{name}.so.0")
    except OSError:
        return False
    return True


def render(html: str, styles: dict[str, str]) -> bytes:
    """The PDF of this page; styles: its stylesheets by their addresses. Raises NoPdf."""
    if not is_possible():
        raise NoPdf(_("No PDF can be made here."))
    given = json.dumps({"html": html, "styles": styles}).encode()
    environment = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    # What finds libraries, fonts and a folder for temporary files; nothing else of ours.
    wanted = ("SYSTEMROOT", "PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "FONTCONFIG_PATH")
    environment |= {name: os.environ[name] for name in wanted if name in os.environ}
    command = [sys.executable, "-m", "clearing.exporting.pdf"]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=given, capture_output=True, timeout=SECONDS, cwd=ROOT,
            env=environment, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as problem:
        words = _("The PDF was not made within %(n)d seconds.")
        raise NoPdf(words % {"n": SECONDS}) from problem
    except OSError as problem:
        raise NoPdf(_("The PDF could not be made.")) from problem
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise NoPdf(_("The PDF could not be made."))
    return done.stdout


def main() -> None:
    """In the child: read what to render, write the PDF."""
    given: dict[str, Any] = json.load(sys.stdin.buffer)
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Ours(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in given["styles"]:
                raise ValueError(f"not ours: {url}")
            return URLFetcherResponse(url, given["styles"][url], {"Content-Type": "text/css"})

    page = HTML(string=given["html"], base_url=BASE, url_fetcher=Ours())
    sys.stdout.buffer.write(page.write_pdf(presentational_hints=True))


if __name__ == "__main__":
    main()
