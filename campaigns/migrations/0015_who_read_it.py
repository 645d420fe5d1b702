from django.db import migrations, models
from django.db.models import PROTECT, Q


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0014_goes_first"),
        ("messaging", "0007_fewer_indexes"),
        ("recipients", "0006_dead_number"),
    ]

    operations = [
        migrations.AddField(
            "scheduledmessage",
            "reader",
            models.ForeignKey("recipients.person", PROTECT, null=True, related_name="read_for_others", db_index=False),
        ),
        migrations.AddIndex(
            "scheduledmessage",
            models.Index(fields=["reader", "last_day"], condition=Q(reader__isnull=False), name="ledger_by_reader"),
        ),
        migrations.AddConstraint(
            "scheduledmessage",
            models.CheckConstraint(condition=Q(reader=None) | Q(state="released"), name="read_means_handed_over"),
        ),
    ]
