#!/usr/bin/env python
"""Django's command line, for the dashboard, its worker, its sandbox and its demo."""

import os
import signal
import sys
import threading


def end_with_parent() -> None:
    """End this process when its standard input closes: the demo that started it is gone."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightui.settings")
    if os.environ.get("END_WITH_PARENT") == "1":
        threading.Thread(target=end_with_parent, daemon=True).start()
    if sys.argv[1:2] == ["demo"]:
        from lightui import demo

        demo.prepare_environment(sys.argv[2:])
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django is not installed here. The README's first command installs it."
        ) from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
