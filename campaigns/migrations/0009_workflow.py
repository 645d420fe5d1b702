"""The way from a draft to live: what was done to each revision, a date of publication, and wider seals.

From now on words are sealed from the moment at which review is asked for: the database refuses to change a step or a
text of a revision that is no draft, and to add one to it. What was done is append-only.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

seals = import_module("campaigns.migrations.0002_live_words_never_change")

HISTORY = "campaigns_reviewevent"
REVISION_OF = {
    "campaigns_step": "{row}.revision_id",
    "campaigns_steptext": "(SELECT revision_id FROM campaigns_step WHERE id = {row}.step_id)",
}
DOORS = {"sealed": ("UPDATE", "OLD"), "closed": ("INSERT", "NEW")}
NO_DRAFT = "EXISTS (SELECT 1 FROM campaigns_revision WHERE id = {revision} AND state <> 'draft')"


def seal(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for table, revision in REVISION_OF.items():
        for name, (action, row) in DOORS.items():
            no_draft = NO_DRAFT.format(revision=revision.format(row=row))
            said = f"{table}: the revision is no draft, perhaps live"
            if on_postgresql:
                schema_editor.execute(
                    f"CREATE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {no_draft} THEN "
                    f"RAISE EXCEPTION '{said}'; END IF; RETURN NEW; END $$",
                    params=None,
                )
                body = f"EXECUTE FUNCTION {table}_{name}()"
            else:
                body = f"WHEN {no_draft} BEGIN SELECT RAISE(ABORT, '{said}'); END"
            schema_editor.execute(
                f"CREATE TRIGGER {table}_{name} BEFORE {action} ON {table} FOR EACH ROW {body}", params=None
            )


def unseal(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for table in REVISION_OF:
        for name in DOORS:
            where = f" ON {table}" if on_postgresql else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{where}")
            if on_postgresql:
                schema_editor.execute(f"DROP FUNCTION IF EXISTS {table}_{name}()")


def append_only(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        action = "EXECUTE FUNCTION mam_append_only()"
    else:
        action = f"BEGIN SELECT RAISE(ABORT, '{HISTORY} is append-only'); END"
    schema_editor.execute(
        f"CREATE TRIGGER {HISTORY}_append_only BEFORE UPDATE ON {HISTORY} FOR EACH ROW {action}", params=None
    )


def changeable(apps, schema_editor):
    where = f" ON {HISTORY}" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER {HISTORY}_append_only{where}")


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0008_parameters_and_targets"),
        ("recipients", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # SQLite rebuilds the table of revisions and would trip over the seals that look at it.
        migrations.RunPython(unseal, seals.forbid_updates),
        migrations.CreateModel(
            name="ReviewEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(choices=[("drafted", "Draft made"), ("changed", "Step changed"), ("added", "Step added"), ("removed", "Step removed"), ("submitted", "Review asked for"), ("withdrawn", "Taken back by a writer"), ("returned", "Returned to draft"), ("approved", "Approved"), ("seconded", "Approved by a second person"), ("scheduled", "Publication set to a date"), ("unscheduled", "Date of publication taken away"), ("published", "Published"), ("held", "Not published on its date"), ("retired", "Retired"), ("discarded", "Discarded")], max_length=12, verbose_name="what")),
                ("step_key", models.CharField(blank=True, max_length=60, verbose_name="step")),
                ("comment", models.CharField(blank=True, max_length=1000, verbose_name="comment")),
                ("old", models.JSONField(default=dict, verbose_name="before")),
                ("new", models.JSONField(default=dict, verbose_name="after")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("revision", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="events", to="campaigns.revision")),
            ],
            options={
                "verbose_name": "event of a revision",
                "verbose_name_plural": "events of revisions",
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="revision",
            name="based_on",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.revision"),
        ),
        migrations.AddField(
            model_name="revision",
            name="publish_on",
            field=models.DateField(blank=True, null=True, verbose_name="to be published on"),
        ),
        migrations.AlterField(
            model_name="revision",
            name="state",
            field=models.CharField(choices=[("draft", "Draft"), ("in_review", "In review"), ("approved", "Approved"), ("live", "Live"), ("retired", "Retired"), ("discarded", "Discarded")], default="draft", max_length=10, verbose_name="state"),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(condition=models.Q(("publish_on", None), ("state", "approved"), _connector="OR"), name="only_the_approved_has_a_date"),
        ),
        migrations.RunPython(seal, unseal),
        migrations.RunPython(append_only, changeable),
    ]
