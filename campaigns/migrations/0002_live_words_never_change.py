"""Steps and texts of a live or retired revision are never rewritten: the database refuses the update."""

from django.db import migrations

REVISION_OF = {
    "campaigns_step": "OLD.revision_id",
    "campaigns_steptext": "(SELECT revision_id FROM campaigns_step WHERE id = OLD.step_id)",
}
LIVE = "EXISTS (SELECT 1 FROM campaigns_revision WHERE id = {revision} AND state IN ('live', 'retired'))"


def forbid_updates(apps, schema_editor):
    for table, revision in REVISION_OF.items():
        live = LIVE.format(revision=revision)
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE FUNCTION {table}_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {live} THEN "
                f"RAISE EXCEPTION '{table}: the revision is live'; END IF; RETURN NEW; END $$",
                params=None,
            )
            body = f"EXECUTE FUNCTION {table}_sealed()"
        else:
            body = f"WHEN {live} BEGIN SELECT RAISE(ABORT, '{table}: the revision is live'); END"
        schema_editor.execute(
            f"CREATE TRIGGER {table}_sealed BEFORE UPDATE ON {table} FOR EACH ROW {body}", params=None
        )


def allow_updates(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for table in REVISION_OF:
        schema_editor.execute(f"DROP TRIGGER {table}_sealed" + (f" ON {table}" if on_postgresql else ""))
        if on_postgresql:
            schema_editor.execute(f"DROP FUNCTION {table}_sealed()")


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [migrations.RunPython(forbid_updates, allow_updates)]
