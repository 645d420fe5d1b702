from django.db import migrations, models


def said_already(apps, schema_editor):
    apps.get_model("messaging", "OutboundMessage").objects.exclude(tail="").update(says_stop=True)


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0005_closed_numbers_are_followed'),
    ]

    operations = [
        migrations.AddField(
            model_name='outboundmessage',
            name='language',
            field=models.CharField(blank=True, default='', help_text="Of the caller's words: for the tail.", max_length=5),
        ),
        migrations.AddField(
            model_name='outboundmessage',
            name='says_stop',
            field=models.BooleanField(default=False, help_text='It says how to stop, in the tail or in its own words.'),
        ),
        migrations.AddField(
            model_name='outboundmessage',
            name='stop_values',
            field=models.JSONField(help_text='What the caller gave for the places in a tail.', null=True),
        ),
        migrations.AddField(
            model_name='route',
            name='tails',
            field=models.JSONField(blank=True, default=dict, help_text='By the language of the text, like {"en": "To stop, call 1800 1234"}; else the words above.', verbose_name='how to stop, in other languages'),
        ),
        migrations.AlterField(
            model_name='route',
            name='tail',
            field=models.CharField(blank=True, help_text="Words at the end of a text that say how to stop; empty: those of the deployment. {hotline} stands for the number of the person's own area.", max_length=70, verbose_name='how to stop'),
        ),
        migrations.RunPython(said_already, migrations.RunPython.noop),
    ]
