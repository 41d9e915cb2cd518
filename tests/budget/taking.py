"""A process that takes all that the shared pace gives it: `python -m tests.budget.taking …`.

DATABASE_URL names the database. "make" creates the one table; "take" says that it is ready,
reads when to begin, and prints when it was given a slot.
"""

import json
import os
import sys
import time


def main(step: str, per_minute: str = "0", seconds: str = "0") -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.db import connection

    from clearing.gateway import SharedPace
    from clearing.models import Budget

    if step == "make":
        with connection.schema_editor() as editor:
            editor.create_model(Budget)
        return
    pace = SharedPace("k", per_minute=int(per_minute), per_day=10**9)
    given: list[float] = []
    print("ready", flush=True)
    ends_at = float(sys.stdin.readline()) + float(seconds)  # all begin at once
    while time.time() < ends_at:
        wait = pace.before(urgent=True)
        if wait == 0:
            given.append(time.time())
        time.sleep(min(wait, 0.05))
    print(json.dumps(given))


if __name__ == "__main__":
    main(*sys.argv[1:])
