"""Invoices get the key under which texts may cite their number; later the mirror writes it."""

from django.db import migrations

from clearing.matching import numbers

AT_ONCE = 2_000  # invoices


def fill(apps, schema_editor):
    model = apps.get_model("clearing", "InvoicePayable")
    id_of = model._meta.pk
    connection, last = schema_editor.connection, None
    sql = f"UPDATE {model._meta.db_table} SET number_key = %s WHERE id = %s"
    while True:
        rows = model.objects.exclude(invoice_number="").order_by("pk")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        some = list(rows.values_list("pk", "invoice_number")[:AT_ONCE])
        if not some:
            return
        last = some[-1][0]
        keys = [(numbers.key(number), id_of.get_db_prep_value(pk, connection)) for pk, number in some]
        with connection.cursor() as cursor:
            cursor.executemany(sql, keys)


class Migration(migrations.Migration):
    dependencies = [("clearing", "0005_suggestions")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
