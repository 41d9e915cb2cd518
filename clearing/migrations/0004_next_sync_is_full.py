"""Accounts, VAT ids and tax modes were never read: no sync so far was a whole one."""

from django.db import migrations


def forget(apps, schema_editor):
    apps.get_model("clearing", "SyncRun").objects.filter(full=True).update(full=False)


class Migration(migrations.Migration):
    dependencies = [("clearing", "0003_whole_life")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
