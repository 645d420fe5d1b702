from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0002_gateway'),
    ]

    operations = [
        migrations.AddField(
            model_name='routetemplate',
            name='samples',
            field=models.JSONField(blank=True, default=list, help_text='A value for each place.', verbose_name='samples'),
        ),
        migrations.AddField(
            model_name='routetemplate',
            name='message_class',
            field=models.CharField(choices=[('service', 'Service'), ('social', 'Social policy'), ('promotional', 'Promotional'), ('emergency', 'Emergency')], default='service', max_length=12, verbose_name='class'),
        ),
        migrations.AlterField(
            model_name='routetemplate',
            name='body',
            field=models.TextField(help_text='The whole text, label and tail too, with {1}, {2}, {3} where values stand.', verbose_name='text'),
        ),
    ]
