"""No sync so far has kept the movements of credit: the next one is a whole one, and books all."""

from django.db import migrations


def forget(apps, schema_editor):
    apps.get_model("clearing", "SyncRun").objects.filter(full=True).update(full=False)


class Migration(migrations.Migration):
    dependencies = [("clearing", "0008_month_end")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
