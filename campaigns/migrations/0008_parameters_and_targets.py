"""Parameters get days from which and through which they count, never two on one day; targets get a table.

Rows that were there count since ever. The overlap is refused by a trigger: PostgreSQL's exclusion constraint would need
the extension btree_gist, and SQLite has none. PostgreSQL takes a lock for the name and unit first, so that two
transactions cannot both find the days free.
"""

import datetime
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


TABLE = "campaigns_parameter"
OVERLAP = f"""EXISTS (SELECT 1 FROM {TABLE} o WHERE o.name = NEW.name AND o.unit_id {{same}} NEW.unit_id
    AND o.id <> NEW.id AND o.valid_from <= COALESCE(NEW.valid_to, '9999-12-31')
    AND COALESCE(o.valid_to, '9999-12-31') >= NEW.valid_from)"""
REFUSAL = f"{TABLE}: two values on one day"


def forbid_overlaps(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        overlap = OVERLAP.format(same="IS NOT DISTINCT FROM")
        schema_editor.execute(
            f"CREATE FUNCTION {TABLE}_alone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "PERFORM pg_advisory_xact_lock(hashtextextended(NEW.name || ' ' || COALESCE(NEW.unit_id, 0), 8)); "
            f"IF {overlap} THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'exclusion_violation'; END IF; "
            "RETURN NEW; END $$",
            params=None,
        )
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_alone BEFORE INSERT OR UPDATE ON {TABLE} FOR EACH ROW "
            f"EXECUTE FUNCTION {TABLE}_alone()",
            params=None,
        )
        return
    for event in ("INSERT", "UPDATE"):
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_alone_{event.lower()} BEFORE {event} ON {TABLE} FOR EACH ROW "
            f"WHEN {OVERLAP.format(same='IS')} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
            params=None,
        )


def allow_overlaps(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER {TABLE}_alone ON {TABLE}")
        schema_editor.execute(f"DROP FUNCTION {TABLE}_alone()")
        return
    for event in ("insert", "update"):
        schema_editor.execute(f"DROP TRIGGER {TABLE}_alone_{event}")


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0007_reasons'),
        ('recipients', '0006_dead_number'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('indicator', models.CharField(max_length=20, verbose_name='indicator')),
                ('name_vi', models.CharField(max_length=120, verbose_name='name')),
                ('name_en', models.CharField(max_length=120, verbose_name='name in English')),
                ('plan', models.CharField(max_length=10, verbose_name='plan')),
                ('area', models.CharField(max_length=12, verbose_name='area')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('comparator', models.CharField(max_length=2, verbose_name='comparator')),
                ('value', models.DecimalField(decimal_places=2, max_digits=8, verbose_name='value')),
                ('unit', models.CharField(choices=[('percent', '%'), ('per_1000', '‰'), ('per_100000', 'per 100,000 live births')], max_length=12, verbose_name='unit')),
                ('better', models.CharField(choices=[('lower', 'Lower is better'), ('higher', 'Higher is better')], max_length=8, verbose_name='better')),
            ],
            options={
                'verbose_name': 'target',
                'verbose_name_plural': 'targets',
                'ordering': ['area', 'year', 'indicator'],
            },
        ),
        migrations.AlterModelOptions(
            name='parameter',
            options={'ordering': ['name', 'valid_from'], 'verbose_name': 'parameter', 'verbose_name_plural': 'parameters'},
        ),
        migrations.RemoveConstraint(
            model_name='parameter',
            name='parameter_once_a_unit',
        ),
        migrations.RemoveConstraint(
            model_name='parameter',
            name='parameter_once_for_all',
        ),
        migrations.AddField(
            model_name='parameter',
            name='set_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='set at'),
        ),
        migrations.AddField(
            model_name='parameter',
            name='set_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='parameter',
            name='valid_from',
            field=models.DateField(default=datetime.date(1900, 1, 1), verbose_name='counts from'),
        ),
        migrations.AddField(
            model_name='parameter',
            name='valid_to',
            field=models.DateField(blank=True, null=True, verbose_name='counts through'),
        ),
        migrations.AlterField(
            model_name='parameter',
            name='name',
            field=models.CharField(max_length=30, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='parameter',
            name='value',
            field=models.CharField(max_length=120, verbose_name='value'),
        ),
        migrations.AddConstraint(
            model_name='parameter',
            constraint=models.UniqueConstraint(condition=models.Q(('unit__isnull', False)), fields=('name', 'unit', 'valid_from'), name='parameter_begins_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='parameter',
            constraint=models.UniqueConstraint(condition=models.Q(('unit', None)), fields=('name', 'valid_from'), name='parameter_for_all_begins_once'),
        ),
        migrations.AddConstraint(
            model_name='parameter',
            constraint=models.UniqueConstraint(condition=models.Q(('unit__isnull', False), ('valid_to', None)), fields=('name', 'unit'), name='parameter_open_once'),
        ),
        migrations.AddConstraint(
            model_name='parameter',
            constraint=models.UniqueConstraint(condition=models.Q(('unit', None), ('valid_to', None)), fields=('name',), name='parameter_for_all_open_once'),
        ),
        migrations.AddConstraint(
            model_name='parameter',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='parameter_validity'),
        ),
        migrations.AddConstraint(
            model_name='parameter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('value', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='parameter_says_something'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.UniqueConstraint(fields=('indicator', 'area', 'year'), name='target_once_a_year'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('comparator__in', ['<', '<=', '=', '>=', '>'])), name='target_comparator'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('unit__in', ['percent', 'per_1000', 'per_100000'])), name='target_unit'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('better__in', ['lower', 'higher'])), name='target_better'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('value__gte', 0), models.Q(models.Q(('unit', 'percent'), _negated=True), ('value__lte', 100), _connector='OR')), name='target_value'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('year__range', (2000, 2100))), name='target_year'),
        ),
        migrations.RunPython(forbid_overlaps, allow_overlaps),
    ]
