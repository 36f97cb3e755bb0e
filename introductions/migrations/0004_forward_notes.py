"""A forwardable note is kept line by line; one written as a whole stands in its second line."""

import django.db.models.deletion
from django.db import migrations, models

import netcrm.kit.ids


def keep_what_was_written(apps, schema_editor):
    introduction = apps.get_model("introductions", "Introduction")
    note = apps.get_model("introductions", "ForwardNote")
    rows = introduction.objects.exclude(note="").only("pk", "note", "state_at")
    for row in rows.iterator():
        note.objects.create(introduction=row, why_them=row.note, saved_at=row.state_at)


class Migration(migrations.Migration):
    dependencies = [("introductions", "0003_landing")]

    operations = [
        migrations.CreateModel(
            name="ForwardNote",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=netcrm.kit.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("subject", models.CharField(blank=True, max_length=150)),
                ("who_i_am", models.TextField(blank=True, max_length=5000)),
                ("why_them", models.TextField(blank=True, max_length=5000)),
                ("what_i_want", models.TextField(blank=True, max_length=5000)),
                ("what_they_get", models.TextField(blank=True, max_length=5000)),
                ("easy_no", models.TextField(blank=True, max_length=5000)),
                ("saved_at", models.DateTimeField()),
                (
                    "introduction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forward_note",
                        to="introductions.introduction",
                    ),
                ),
            ],
            options={"ordering": ["-saved_at", "-id"]},
        ),
        migrations.RunPython(keep_what_was_written, migrations.RunPython.noop),
    ]
