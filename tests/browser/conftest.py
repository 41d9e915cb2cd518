"""A real browser before real processes. Skipped with a reason where Chromium is absent."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.stack import Stack

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))
        elif "DATABASE_URL" in os.environ:
            item.add_marker(pytest.mark.skip(reason="the demo keeps its own SQLite database"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
        ],
    }  # fmt: skip


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The demo with its own company, for tests that only look."""
    stack = Stack(tmp_path_factory.mktemp("demo"))
    yield stack
    stack.stop()


class Person:
    """Somebody at a browser of their own; a violated CSP or a script error fails the test."""

    def __init__(self, browser: Any, stack: Stack, role: str, **context: Any) -> None:
        self.context = browser.new_context(base_url=stack.url, **context)
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("response", self._answered)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.goto("/login/")
        self.page.get_by_role("button", name=role.capitalize()).first.click()
        self.page.wait_for_url("/")

    def _heard(self, message: Any) -> None:
        # The console repeats every refusal; `_answered` tells the expected ones apart.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(message.text)

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and response.status not in {409, 422}:
            self.wrong.append(f"{response.status} {response.url}")

    def close(self) -> None:
        self.context.close()
        assert self.wrong == []


@pytest.fixture
def person(browser: Any) -> Iterator[Any]:
    """Open a browser for a role: person(stack, "preparer")."""
    open_ones: list[Person] = []

    def come(stack: Stack, role: str, **context: Any) -> Person:
        open_ones.append(Person(browser, stack, role, **context))
        return open_ones[-1]

    yield come
    for one in open_ones:
        one.close()
