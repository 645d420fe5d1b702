from django.db import migrations, models
from django.db.models import F


def mark(apps, schema_editor):
    enrollments = apps.get_model("campaigns", "Enrollment").objects.using(schema_editor.connection.alias)
    enrollments.filter(planned_anchor=F("anchor_date")).update(laid=True)


def unmark(apps, schema_editor):
    enrollments = apps.get_model("campaigns", "Enrollment").objects.using(schema_editor.connection.alias)
    enrollments.filter(laid=True).update(planned_anchor=F("anchor_date"))


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0011_a_step_is_taken_out_of_a_draft")]

    operations = [
        migrations.AddField("enrollment", "laid", models.BooleanField(default=False)),
        migrations.RunPython(mark, unmark),
        migrations.RemoveIndex("enrollment", "enrollment_to_lay"),
        migrations.RemoveField("enrollment", "planned_anchor"),
        migrations.AddIndex(
            "enrollment",
            models.Index(fields=["id"], condition=models.Q(active=True, laid=False), name="enrollment_to_lay"),
        ),
    ]
