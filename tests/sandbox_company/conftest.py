from datetime import date

import pytest

from clearing.sandbox.company import generate

TODAY = date(2026, 11, 16)  # a Monday


@pytest.fixture(scope="session")
def data():
    return generate(seed=1, today=TODAY)


@pytest.fixture(scope="session")
def notes(data):
    return {note["id"]: note for note in data["credit_notes"]}


@pytest.fixture(scope="session")
def invoices(data):
    return {invoice["id"]: invoice for invoice in data["invoice_payables"]}


@pytest.fixture
def case(data, notes, invoices):
    """case(name) -> (its credit notes, its invoices)."""

    def found(name):
        ids = data["_cases"][name]
        return (
            [notes[id] for id in ids["credit_notes"]],
            [invoices[id] for id in ids["invoice_payables"]],
        )

    return found
