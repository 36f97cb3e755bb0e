"""Both are asked before they are introduced; what they answer is kept."""

import importlib

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import netcrm.kit.ids

earlier = importlib.import_module("introductions.migrations.0005_asks_and_gives_of_introductions")


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0005_choosing_whom_to_begin_with"),
        ("introductions", "0005_asks_and_gives_of_introductions"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, earlier.guard_again),
        migrations.AddField(
            model_name="introduction",
            name="promise",
            field=models.OneToOneField(
                blank=True,
                help_text="To put them in touch, once both said yes.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="introduction",
                to="contacts.promise",
            ),
        ),
        migrations.CreateModel(
            name="OptIn",
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
                (
                    "side",
                    models.CharField(
                        choices=[("introducee", "The one"), ("introduced", "The other")],
                        max_length=10,
                    ),
                ),
                ("address", models.EmailField(help_text="In lower case.", max_length=254)),
                (
                    "about_other",
                    models.TextField(help_text="What this side is told.", max_length=1000),
                ),
                ("nonce", models.UUIDField()),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "Yes"), ("later", "Later"), ("no", "No")],
                        max_length=5,
                    ),
                ),
                (
                    "word",
                    models.CharField(blank=True, help_text="What they added.", max_length=300),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "introduction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="opt_ins",
                        to="introductions.introduction",
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at", "id"],
                "indexes": [models.Index(fields=["introduction", "asked_at"], name="optin_asked")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("introduction", "side"),
                        name="optin_one_standing_per_side",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None)),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                ("answered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="optin_answered_iff_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("address", django.db.models.functions.text.Lower("address"))
                        ),
                        name="optin_address_in_lower_case",
                    ),
                ],
            },
        ),
        migrations.RunPython(earlier.guard_again, migrations.RunPython.noop),
    ]
