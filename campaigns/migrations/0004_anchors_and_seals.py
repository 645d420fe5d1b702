"""Enrollments learn their campaign's anchor; the seals that 0003 took off come back."""

from importlib import import_module

from django.db import migrations
from django.db.models import OuterRef, Subquery

seals = import_module("campaigns.migrations.0002_live_words_never_change")


def copy_anchors(apps, schema_editor):
    campaign = apps.get_model("campaigns", "Campaign").objects.filter(pk=OuterRef("campaign_id"))
    apps.get_model("campaigns", "Enrollment").objects.update(anchor=Subquery(campaign.values("anchor")[:1]))


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_every_clock")]
    operations = [
        migrations.RunPython(copy_anchors, migrations.RunPython.noop),
        migrations.RunPython(seals.forbid_updates, seals.allow_updates),
    ]
