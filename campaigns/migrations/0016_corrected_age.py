from django.db import migrations, models

ANCHORS = [
    ("gestation", "Weeks of gestation"),
    ("birth", "Age of the child"),
    ("corrected", "Corrected age of the child"),
    ("visit", "Planned date of a visit"),
    ("calendar", "Days of the year, for children of an age"),
    ("session", "The station's next session day"),
    ("enrollment", "The day of registration"),
    ("broadcast", "One day, once"),
    ("hand", "Nothing: sent by hand only"),
]


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0015_who_read_it")]

    operations = [
        migrations.AlterField(
            "campaign", "anchor", models.CharField("counted from", max_length=10, choices=ANCHORS)
        ),
        migrations.AlterField("enrollment", "anchor", models.CharField(max_length=10, choices=ANCHORS)),
    ]
