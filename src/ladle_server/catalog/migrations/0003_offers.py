from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_control")]

    operations = [migrations.AddField(model_name="run", name="offered_at", field=models.DateTimeField(null=True))]
