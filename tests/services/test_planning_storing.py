"""What a line keeps of its suggestion, written as text by hand."""

import json
from uuid import UUID

import pytest

from clearing.matching import Other, Suggestion
from clearing.services.planning import storing

ONE = Suggestion(UUID(int=1), UUID(int=2), 100, "exact", 2)
SET = {
    "key": "INV4711", "same": True, "days": 12, "early": True, "rivals": 3, "size": 4, "sets": 5,
    "rest": 6, "other": Other(UUID(int=3), "due_later", 7),
}  # fmt: skip


def test_every_field_is_known_here():
    """A new one has to be written, too."""
    assert set(Suggestion._fields[5:]) == set(SET)


@pytest.mark.parametrize("fields", [{}, SET, *({name: value} for name, value in SET.items()),
                                    {"key": "a\"b\\"}, {"key": "Ä1"}])  # fmt: skip
def test_the_text_says_what_as_data_says(fields):
    one = ONE._replace(**fields)
    assert json.loads(storing.as_json(one)) == one.as_data()
