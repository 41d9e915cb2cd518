"""What the runs with real processes share: one template of a house for all of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.processes.house import Databases


@pytest.fixture(scope="session")
def databases(django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Any]:
    """Makes databases for runs; while there are runs, every thread may ask its own."""
    made = Databases(connection.settings_dict.copy(), tmp_path_factory.mktemp("houses"))
    with django_db_blocker.unblock():
        made.make_template()
        yield made
        made.end()
