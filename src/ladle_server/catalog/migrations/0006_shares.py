import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_webhooks")]

    operations = [
        migrations.CreateModel(
            name="Share",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("fence", models.PositiveIntegerField()),
                ("journal", models.PositiveIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("requests", models.TextField()),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("taken", "Taken"),
                            ("called back", "Called Back"),
                            ("over", "Over"),
                        ],
                        default="waiting",
                    ),
                ),
                ("worker", models.TextField(blank=True, default="")),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="catalog.run"
                    ),
                ),
            ],
            options={
                "ordering": ["run", "fence", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "fence", "number"), name="share_number"),
                ],
            },
        ),
    ]
