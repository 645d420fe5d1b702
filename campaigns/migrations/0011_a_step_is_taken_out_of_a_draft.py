import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0010_fewer_indexes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='scheduledmessage',
            name='step',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.step'),
        ),
    ]
