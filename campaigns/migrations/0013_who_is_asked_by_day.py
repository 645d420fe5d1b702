from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0012_laid")]

    operations = [
        migrations.RemoveIndex("scheduledmessage", "ledger_to_release"),
        migrations.RemoveIndex("scheduledmessage", "ledger_by_person"),
        migrations.AddIndex(
            "scheduledmessage",
            models.Index(
                fields=["not_before", "due_at"], condition=models.Q(state="waiting"), name="ledger_to_release"
            ),
        ),
        migrations.AddIndex(
            "scheduledmessage", models.Index(fields=["person", "last_day"], name="ledger_by_person")
        ),
    ]
