"""The audit trail gets its seals; it, they and the movements are from now on append-only."""

from django.db import migrations, models

from clearing import append_only

TABLES = ("clearing_auditevent", "clearing_auditseal", "clearing_movement")


def protect(apps, schema_editor):
    for table in TABLES:
        append_only.protect(schema_editor, table)


def release(apps, schema_editor):
    for table in TABLES:
        append_only.release(schema_editor, table)


class Migration(migrations.Migration):
    dependencies = [("clearing", "0010_month_papers")]
    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.BigIntegerField(unique=True)),
                ("digest", models.TextField()),
                ("sealed_at", models.DateTimeField()),
            ],
        ),
        *[
            migrations.AddIndex(
                model_name="auditevent", index=models.Index(fields=[field, "at"], name=name)
            )
            for field, name in (
                ("by_id", "audit_by"), ("verb", "audit_verb"), ("kind", "audit_kind"),
                ("vendor_id", "audit_vendor"),
            )
        ],
        migrations.RunPython(protect, release),
    ]
