"""The demo's environment: set before the settings are read, for the demo and its children."""

import argparse
import os
import secrets
import socket
from pathlib import Path

from clearing.sandbox.faults import PROFILES

DATA = Path(__file__).resolve().parent.parent / ".demo"
KEY = "sandbox-key"
DATABASES = ("lightui.sqlite3", "light.sqlite3")
FILES = (
    "secret",
    *(f"{name}{end}" for name in DATABASES for end in ("", "-wal", "-shm", "-journal")),
)
HOUSE = (  # settings of a real installation that the demo does without
    "APPROVAL_LIMITS", "BEHIND_PROXY", "CREDIT_WORDS", "CSRF_TRUSTED_ORIGINS", "DOCUMENT_LIMIT",
    "DUPLICATE_DAYS", "EDITOR_CANNOT_APPROVE", "ENTITY_TIME_ZONES", "EVIDENCE_DAYS", "EXEMPT_UNDER",
    "EXTRA_RIGHTS",
    "HISTORY_MONTHS", "LIGHT_ALLOWED_HOSTS", "MATCH_TOLERANCE", "PARTIALLY_CLEARED_LINKABLE",
    "PDF_TEXT_LIMIT", "ROTATION_HOURS", "ROTATION_MONTHS", "ROTATION_REQUESTS",
    "SECOND_PERSON_ALWAYS", "SMALL_REST",
)  # fmt: skip
FOR_FAULTS = {"QUARANTINE": "20", "LOOK_AGAIN": "2", "LIGHT_TIMEOUT": "5"}  # unless set otherwise


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help="of the dashboard")
    parser.add_argument("--data", default=str(DATA), help="folder of the demo's databases")
    parser.add_argument("--reset", action="store_true", help="begin with a fresh demo company")
    parser.add_argument(
        "--faults", choices=sorted(PROFILES), default="none", help="what goes wrong in the sandbox"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")


def prepare_environment(arguments: list[str]) -> None:
    """Set what `manage.py demo` and its children read. Nothing of a real installation is used."""
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    options, _others = parser.parse_known_args(arguments)
    data = Path(options.data).resolve()
    data.mkdir(parents=True, exist_ok=True)
    if options.reset:
        if not port_is_free(options.port):
            raise SystemExit(f"Port {options.port} is in use. End what uses it before you reset.")
        for name in FILES:
            (data / name).unlink(missing_ok=True)
    light = f"http://127.0.0.1:{_free_port(options.port + 100)}"
    page = f"{light}/?id={{id}}#document"  # of the sandbox: where another user of Light acts
    ours = {
        "DEMO": "1",
        "DEBUG": "0",
        "SECRET_KEY": _secret(data / "secret"),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DATABASE_URL": f"sqlite:///{data / 'lightui.sqlite3'}",
        "LIGHT_API_KEY": KEY,
        "LIGHT_API_URL": light,
        "LIGHT_CREDIT_NOTE_URL": page,
        "LIGHT_INVOICE_URL": page,
        "LIGHT_REQUESTS_PER_MINUTE": "60000",  # the sandbox has no other users
        "LIGHT_REQUESTS_PER_DAY": "10000000",
        "MATCH_TOLERANCE": '{"EUR": 5, "USD": 5, "GBP": 5, "JPY": 5, "KWD": 50}',
        "SMALL_REST": '{"EUR": 100, "USD": 100, "GBP": 100, "JPY": 100, "KWD": 1000}',
        "DJANGO_RUNSERVER_HIDE_WARNING": "true",
    }
    for name in HOUSE:
        os.environ.pop(name, None)
    for name in (*ours, *HOUSE):
        os.environ.pop(f"{name}_FILE", None)  # it would win over the name itself
    os.environ.update(ours)
    os.environ.setdefault("SYNC_INTERVAL", "15")
    if options.faults != "none":  # so that their end can be watched
        for name, seconds in FOR_FAULTS.items():
            os.environ.setdefault(name, seconds)


def sandbox_port() -> int:
    return int(os.environ["LIGHT_API_URL"].rpartition(":")[2])


def _secret(path: Path) -> str:
    """A secret of this demo's own, so that its sessions survive a restart."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


def stored_secret() -> str | None:
    """The secret of the demo in its usual folder, which nobody else may use."""
    path = DATA / "secret"
    return path.read_text() if path.is_file() else None


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):  # taken, not allowed, or no port at all
            return False
    return True


def _free_port(wanted: int) -> int:
    """This port if it is free, else any free one."""
    if port_is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
