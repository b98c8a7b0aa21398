from typing import Any

from django.db import migrations, models


def left_to_the_command_line(apps: Any, schema_editor: Any) -> None:
    apps.get_model("catalog", "Run").objects.filter(requested_by="command line").update(ours=False)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.AddField(model_name="run", name="ours", field=models.BooleanField(default=True)),
        migrations.RunPython(left_to_the_command_line, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="run",
            name="state",
            field=models.TextField(
                choices=[
                    ("queued", "Queued"),
                    ("running", "Running"),
                    ("waiting", "Waiting"),
                    ("paused", "Paused"),
                    ("finishing", "Finishing"),
                    ("complete", "Complete"),
                    ("incomplete", "Incomplete"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                ],
                default="queued",
            ),
        ),
    ]
