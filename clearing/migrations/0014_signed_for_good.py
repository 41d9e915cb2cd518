"""What people have signed, entered and accepted at month end is append-only from now on."""

from django.db import migrations

from clearing import append_only

TABLES = (
    "clearing_signature", "clearing_reopening", "clearing_ledgerfigure", "clearing_accepted",
)


def protect(apps, schema_editor):
    for table in TABLES:
        append_only.protect(schema_editor, table)


def release(apps, schema_editor):
    for table in TABLES:
        append_only.release(schema_editor, table)


class Migration(migrations.Migration):
    dependencies = [("clearing", "0013_evidence")]
    operations = [migrations.RunPython(protect, release)]
