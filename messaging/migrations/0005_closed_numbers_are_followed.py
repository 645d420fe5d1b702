from django.db import migrations, models


def followed_already(apps, schema_editor):
    """What follows from a STOP by SMS or on a page was done at once; another system's and a provider's was not."""
    rows = apps.get_model("messaging", "OptOut").objects.filter(source__in=["sms", "wrong", "page", "keyword"])
    rows.update(followed_at=models.F("started_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0004_callers_and_numbers'),
    ]

    operations = [
        migrations.AddField(
            model_name='optout',
            name='followed_at',
            field=models.DateTimeField(editable=False, help_text='When the application above has drawn what follows from the closing.', null=True),
        ),
        migrations.AddIndex(
            model_name='optout',
            index=models.Index(condition=models.Q(('followed_at', None)), fields=['id'], name='opt_out_to_follow'),
        ),
        migrations.RunPython(followed_already, migrations.RunPython.noop),
    ]
