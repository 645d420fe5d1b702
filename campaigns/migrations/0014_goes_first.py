from importlib import import_module

from django.db import migrations, models

doors = import_module("campaigns.migrations.0009_workflow")


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0013_who_is_asked_by_day")]

    operations = [
        # SQLite rebuilds the table of steps and would trip over the seals that look at it.
        migrations.RunPython(doors.unseal, doors.seal),
        migrations.AddField(
            "step", "goes_first", models.BooleanField(default=False, verbose_name="goes first where not all find room")
        ),
        migrations.RunPython(doors.seal, doors.unseal),
    ]
