"""Measurements, run on demand: `python -m tests.benchmarks.lists`, `.balances`, `.sync`.

Each prints a small table and asserts no seconds: machines differ. They use scratch databases:
a SQLite file, and beside it one on the PostgreSQL server of DATABASE_URL where that is set.
"""
