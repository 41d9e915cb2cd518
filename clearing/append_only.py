"""Tables whose rows only come: the database itself refuses to change or delete them.

A migration protects a table with `protect`. On SQLite a later migration that rebuilds the table
(AddField, AlterField, a constraint) loses its triggers: it ends with `protect` again. One that
must change rows calls `release` before.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

PROTECTED = (
    "clearing_auditevent", "clearing_auditseal", "clearing_movement", "clearing_signature",
    "clearing_reopening", "clearing_ledgerfigure", "clearing_accepted",
)  # fmt: skip
REFUSAL = "rows are only added here"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION clearing_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: {REFUSAL}', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def protect(schema_editor: Any, table: str) -> None:
    """From now on nothing is changed or deleted in this table (IntegrityError)."""
    for sql in statements(schema_editor.connection, table):
        schema_editor.execute(sql, None)


def release(schema_editor: Any, table: str) -> None:
    """Rows of this table may be changed again."""
    for sql in undone(schema_editor.connection, table):
        schema_editor.execute(sql, None)


def statements(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """The SQL that protects a table, which may be protected already."""
    if connection.vendor == "postgresql":
        made = [
            f"CREATE TRIGGER {_name(table, 'rows')} BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION clearing_append_only()",
            f"CREATE TRIGGER {_name(table, 'all')} BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION clearing_append_only()",
        ]
        return [FUNCTION, *undone(connection, table), *made]
    return undone(connection, table) + [
        f"CREATE TRIGGER {_name(table, verb)} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: {REFUSAL}'); END"
        for verb in ("update", "delete")
    ]


def undone(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """The SQL that releases a table, protected or not."""
    if connection.vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {_name(table, of)} ON {table}" for of in ("rows", "all")]
    return [f"DROP TRIGGER IF EXISTS {_name(table, verb)}" for verb in ("update", "delete")]


def unprotected(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables that should be protected and are not: somebody switched it off."""
    if connection.vendor == "postgresql":
        sql = (
            "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' "
            "AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = "
            "current_schema()::regnamespace)"
        )
        parts = ("rows", "all")
    else:
        sql, parts = "SELECT name FROM sqlite_master WHERE type = 'trigger'", ("update", "delete")
    with connection.cursor() as cursor:
        cursor.execute(sql)
        there = {row[0] for row in cursor.fetchall()}
    return [one for one in PROTECTED if not {_name(one, part) for part in parts} <= there]


def _name(table: str, part: str) -> str:
    return f"{table}_append_only_{part}"
