"""Every look on one day."""

from datetime import date

import pytest

from clearing.services.diagnosing import passing


@pytest.fixture(autouse=True)
def _same_day(monkeypatch):
    monkeypatch.setattr(passing.timezone, "localdate", lambda: date(2026, 11, 2))
