"""What the README says of settings, roles, states and commands is what the code does."""

import re
from pathlib import Path

import pytest

from clearing.models import Instruction
from clearing.roles import RIGHTS
from clearing.workflow import STEPS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "lightui" / "settings.py").read_text()
S = Instruction.State
STATES = {
    "Proposed": S.PROPOSED, "Approved": S.READY, "Rejected": S.REJECTED, "TakenBack": S.TAKEN_BACK,
    "Sending": S.SENDING, "InLight": S.DONE, "LightSaidNo": S.REFUSED, "BeingChecked": S.UNKNOWN,
    "NotInLight": S.NOT_APPLIED, "NeedsADecision": S.NEEDS_PERSON, "NoLongerFits": S.FALLEN,
}  # fmt: skip
DOES = {
    "propose": "proposes links",
    "edit": "completes drafts",
    "review": "reviews line by line",
    "approve": "approves links",
    "post": "posts drafts",
    "post_closed": "also into closed months",
    "archive": "discards and cancels",
    "undo": "undoes clearings",
    "months": "closes months",
    "tie": "ties months to the ledger",
    "sign": "signs months",
    "answer": "says how your Light behaves",
    "decide": "decides about credit that can't be used yet",
    "settle": "decides what Light left unclear",
    "deal": "deals with exceptions",
    "sync": "syncs",
}


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_setting_of_the_environment_is_listed():
    read = set(re.findall(r"env\.[a-z_]+\(\s*\"([A-Z_]+)\"", SETTINGS)) - {"DEMO"}
    text = section("Settings").replace("…_PER_DAY", "LIGHT_REQUESTS_PER_DAY")
    assert set(re.findall(r"`([A-Z_]{4,})`", text)) - {"NAME_FILE"} == read


@pytest.mark.parametrize("role", RIGHTS)
def test_a_role_does_what_its_row_says(role):
    row = next(
        line for line in section("What each role does").splitlines() if f"| {role} |" in line
    )
    said = {right for right, words in DOES.items() if words in row}
    assert said == RIGHTS[role] - {"see"}


def test_the_diagram_shows_every_step():
    drawn = re.findall(r"^    (\w+) --> (\w+)", section("How it works"), re.MULTILINE)
    steps = {(STATES[a], STATES[b]) for a, b in drawn if a in STATES and b in STATES}
    assert steps == {(before, step.after) for step in STEPS.values() for before in step.before}


def test_every_command_is_listed():
    folder = ROOT / "clearing" / "management" / "commands"
    ours = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert set(re.findall(r"^\| `manage\.py (\w+)", README, re.MULTILINE)) == ours
