"""A PostgreSQL of its own, so that it can be restarted under the workers."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ROOT_RUNS_AS = "postgres"  # its server refuses to be run by root


class Cluster:
    """Made in a folder that goes with it; raises Missing with a sentence where it cannot be."""

    def __init__(self) -> None:
        self._programs = _programs()
        self._user = _user()
        self._folder = Path(tempfile.mkdtemp(prefix="cluster"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        if self._user:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "-A", "trust", "-U", "root", "-D", str(self._folder / "data"))
        self._control("start")

    def settings(self, like: dict[str, Any]) -> dict[str, Any]:
        """Django's settings of a database here."""
        here = {"NAME": "restarted", "HOST": "127.0.0.1", "PORT": str(self._port), "USER": "root"}
        return like | here | {"PASSWORD": "", "ENGINE": "django.db.backends.postgresql"}

    def restart(self, how: str) -> None:
        """fast: connections are ended · immediate: as after a crash, it recovers from its log."""
        self._control("restart", "-m", how)

    def end(self) -> None:
        self._control("stop", "-m", "immediate")
        shutil.rmtree(self._folder)

    def _control(self, *what: str) -> None:
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1"
        log = str(self._folder / "log")
        self._run("pg_ctl", *what, "-w", "-D", str(self._folder / "data"), "-o", options, "-l", log)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments], check=True, user=self._user,
            cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
        )  # fmt: skip


class Missing(Exception):
    """There is no PostgreSQL server that could be started here."""


def _programs() -> Path:
    """The folder of initdb and pg_ctl; Debian keeps them off the path."""
    if found := shutil.which("pg_ctl"):
        return Path(found).parent
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "pg_ctl").exists():
            return folder
    raise Missing("initdb and pg_ctl are not installed")


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(ROOT_RUNS_AS).pw_name
    except KeyError:
        raise Missing(f"root has no user {ROOT_RUNS_AS} to run a server as") from None
