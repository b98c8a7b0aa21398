import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_offers")]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="requested_by",
            field=models.TextField(
                choices=[
                    ("site", "Site"),
                    ("api", "Api"),
                    ("command line", "Command Line"),
                    ("schedule", "Schedule"),
                ]
            ),
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("dataset", models.TextField()),
                ("cron", models.TextField()),
                ("time_zone", models.TextField()),
                ("parameters", models.JSONField(default=dict)),
                ("files", models.JSONField(default=dict)),
                ("missed", models.TextField(choices=[("run", "Run"), ("skip", "Skip")], default="run")),
                ("created_at", models.DateTimeField()),
                ("paused_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["dataset", "id"],
                "indexes": [models.Index(fields=["next_at"], name="schedule_next")],
            },
        ),
        migrations.CreateModel(
            name="Occasion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField()),
                ("times", models.PositiveIntegerField(default=1)),
                (
                    "outcome",
                    models.TextField(
                        choices=[("run", "Run"), ("skipped", "Skipped"), ("missed", "Missed"), ("failed", "Failed")]
                    ),
                ),
                ("told_at", models.DateTimeField()),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="occasions",
                        to="catalog.run",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="occasions",
                        to="catalog.schedule",
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
    ]
