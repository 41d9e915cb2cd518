"""How we speak to the database."""

import psycopg
import pytest
from django.db import connection

from lightui import settings

pytestmark = pytest.mark.django_db


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL (DATABASE_URL)")
def test_who_freezes_with_locks_loses_them_after_a_minute():
    """Else a worker that is stopped inside a transaction would keep all others waiting."""
    options = settings.DATABASES["default"]["OPTIONS"]["options"]
    login = connection.get_connection_params()
    with psycopg.connect(**{**login, "options": options}) as other:
        shown = other.execute("SHOW idle_in_transaction_session_timeout").fetchone()
    assert shown == ("1min",)
