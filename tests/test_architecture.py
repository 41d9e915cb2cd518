"""Who may import whom: the shape that keeps the line straight."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "clearing"
# No models, no I/O: everybody may use them.
PURE = {
    "tracing", "money", "usable", "reasons", "credit_words", "lines", "fx", "questions", "sheets",
    "signable", "chain", "pictures", "sampling",
}  # fmt: skip
ALLOWED: dict[str, set[str]] = {
    "light": set(),
    "sandbox": set(),
    "matching": set(),
    "models": set(),
    "money": set(),
    "usable": set(),
    "reasons": set(),
    "credit_words": set(),
    "lines": set(),
    "tracing": set(),
    "questions": set(),
    "sheets": set(),
    "signable": {"money"},
    "sampling": set(),
    "exceptional": {"models"},
    "chain": set(),
    "serial": set(),
    "append_only": set(),
    "sealed": {"models", "chain"},
    "pictures": set(),
    "exporting": {"money", "sheets"},
    "known": {"models"} | PURE,
    "fx": {"money"},
    "movements": PURE,
    "nights": set(),
    "apps": set(),
    "deciding": PURE,
    "labels": {"models"},
    "gateway": {"light", "models"},
    "balances": {"models", "known"} | PURE,
    "roles": {"models"} | PURE,
    "twins": {"models"},
    "months": {"models"},
    "explaining": {"models", "labels", "matching"} | PURE,
    "causes": {"labels", "matching"} | PURE,
    "pdf_text": {"matching"},
    "workflow": {"models", "balances", "roles", "serial"} | PURE,
    "queries": {
        "known",
        "models", "workflow", "balances", "labels", "matching", "roles", "months", "twins",
        "explaining", "causes", "exceptional", "sealed", "nights",
    } | PURE,
    "forms": {"models", "workflow", "balances", "labels", "roles"} | PURE,
    "draft_forms": {"models", "forms", "labels"} | PURE,
    "templatetags": {"models", "workflow", "balances", "labels", "roles"} | PURE,
    "services": {
        "known",
        "light", "matching", "models", "workflow", "balances", "deciding", "roles", "months",
        "twins", "causes", "pdf_text", "movements", "serial", "sealed", "nights", "exporting",
        "signable",
    } | PURE,
    "views": {
        "known",
        "services", "queries", "models", "forms", "draft_forms", "gateway", "light", "workflow",
        "labels", "sealed",
        "templatetags", "roles", "months", "explaining", "causes", "matching", "exporting",
    } | PURE,
    "management": {
        "known",
        "services", "queries", "models", "gateway", "light", "workflow", "sandbox", "sealed",
        "append_only",
    } | PURE,
    "urls": {"views"},
}  # fmt: skip
OUTSIDE = {  # what the pure parts may import beside the standard library
    "light": {"requests", "pydantic", "pydantic_core", "urllib3"},
    "sandbox": set(),
    "matching": set(),
    "pdf_text": {"pypdf"},
}
MIRROR = (
    "CreditNote", "CreditNoteLine", "InvoicePayable", "Link", "Clearing", "Vendor", "Entity",
    "LedgerAccount", "Seen",
)  # fmt: skip


def files() -> list[Path]:
    return [
        path
        for path in ROOT.rglob("*.py")
        if "migrations" not in path.parts and path != ROOT / "__init__.py"
    ]


def part(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Every module that this file imports, as a dotted name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_part_may(path):
    here = part(path)
    for name in imports(path):
        pieces = name.split(".")
        if pieces[0] != "clearing" or len(pieces) < 2 or pieces[1] == here:
            continue
        assert pieces[1] in ALLOWED[here], f"{here} must not import {name}"


@pytest.mark.parametrize("here", ["light", "sandbox", "matching", "deciding", "exporting"])
def test_the_pure_parts_know_no_database(here):
    for path in files():
        if part(path) == here:
            for name in imports(path):
                assert not name.startswith("django.db"), f"{path} imports {name}"
                outside = name.partition(".")[0]
                if here in OUTSIDE and outside != "clearing":
                    allowed = outside in sys.stdlib_module_names or outside in OUTSIDE[here]
                    assert allowed, f"{path} imports {name}"


def test_only_the_sandbox_command_knows_the_sandbox():
    for path in files():
        if part(path) == "sandbox" or path.name == "sandbox.py":
            continue
        assert not any(name.startswith("clearing.sandbox") for name in imports(path)), path


def test_no_service_knows_a_request():
    for path in (ROOT / "services").rglob("*.py"):
        assert not any("HttpRequest" in name for name in imports(path)), path


def test_only_mirroring_writes_the_copy_and_only_workflow_a_state():
    """Reads of the source: `.update(state=` and saves of mirror rows stand in one place."""
    for path in files():
        text = path.read_text()
        if path.name != "workflow.py":
            assert "update(state=" not in text.replace("\n", "").replace(" ", ""), path
        if "mirroring" in path.parts or part(path) == "models":
            continue
        for name in MIRROR:
            for verb in ("create", "bulk_create", "bulk_update", "update_or_create"):
                assert f"{name}.objects.{verb}(" not in text, f"{path} writes {name}"


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_stays_readable(path):
    assert len(path.read_text().splitlines()) <= 330, f"{path.name} asks to be split"
