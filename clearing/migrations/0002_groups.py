"""The four groups; what each may do is in clearing.roles.RIGHTS."""

from django.db import migrations

GROUPS = ("viewer", "preparer", "approver", "controller")


def add(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for name in GROUPS:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("clearing", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
