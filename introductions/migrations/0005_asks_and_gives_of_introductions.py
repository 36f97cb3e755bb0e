"""An introduction asked for is an ask; one the owner made is a give to both, each once."""

import importlib

import django.db.models.deletion
from django.db import migrations, models


def guard_again(apps, schema_editor):
    """SQLite makes a table anew to change it, and its trigger goes with the old one."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER IF EXISTS introduction_moves")
        moves = importlib.import_module("introductions.migrations.0002_refuse_illegal_moves")
        moves.guard(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("introductions", "0004_forward_notes")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, guard_again),
        migrations.RemoveField(model_name="introduction", name="note"),
        migrations.AddField(
            model_name="introduction",
            name="load_reason",
            field=models.CharField(
                blank=True,
                help_text="Why one more request to a busy introducer was right.",
                max_length=300,
            ),
        ),
        migrations.AddField(
            model_name="ask",
            name="introduction",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="ask",
                to="introductions.introduction",
            ),
        ),
        migrations.AddField(
            model_name="give",
            name="introduction",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="gives",
                to="introductions.introduction",
            ),
        ),
        migrations.AddConstraint(
            model_name="give",
            constraint=models.UniqueConstraint(
                fields=["contact", "introduction"], name="give_once_per_introduction"
            ),
        ),
        migrations.RunPython(guard_again, migrations.RunPython.noop),
    ]
