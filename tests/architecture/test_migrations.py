"""Schemas grow before they shrink: the code of the release before goes on working (D08).

Everything up to 0.1.0, the first release, had no release before it.
Source: docs/decisions/0099-schemas-grow-before-they-shrink.md.
"""

from __future__ import annotations

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

FIRST_RELEASE = {
    "accounts": "0004",
    "contacts": "0011",
    "delivery": "0005",
    "followups": "0002",
    "groups": "0005",
    "introductions": "0007",
    "takeout": "0001",
}
SHRINKS = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.AlterField,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
    migrations.AddConstraint,
)


def breaks_the_release_before(operation: Operation) -> bool:
    """Whether code that does not know of ``operation`` would fail on the schema after it."""
    if isinstance(operation, migrations.AddField):
        field = operation.field
        filled_by_the_database = field.db_default is not models.NOT_PROVIDED
        return not (field.null or filled_by_the_database or field.many_to_many)
    return isinstance(operation, SHRINKS)


def ours_since_the_first_release() -> list[migrations.Migration]:
    loader = MigrationLoader(None)
    return [
        migration
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if app in FIRST_RELEASE and name[:4] > FIRST_RELEASE[app]
    ]


def test_a_migration_that_shrinks_the_schema_says_so_in_its_name():
    """Such a one ships a release after the code that no longer needs what it takes away."""
    for migration in ours_since_the_first_release():
        made = {
            op.name_lower for op in migration.operations if isinstance(op, migrations.CreateModel)
        }
        broken = [
            operation.describe()
            for operation in migration.operations
            if breaks_the_release_before(operation)
            and getattr(operation, "model_name_lower", "") not in made
        ]
        assert not broken or "_contract_" in migration.name, (
            f"{migration}: the release before could not run beside {broken}"
        )


def test_every_app_of_ours_has_its_place():
    from django.apps import apps
    from django.conf import settings

    here = {
        config.label
        for config in apps.get_app_configs()
        if config.path.startswith(str(settings.BASE_DIR)) and "/.venv/" not in config.path
    }
    loader = MigrationLoader(None)
    assert {app for app, _ in loader.disk_migrations if app in here} == set(FIRST_RELEASE)


@pytest.mark.parametrize(
    ("operation", "broken"),
    [
        (migrations.AddField("contact", "new", models.TextField(null=True)), False),
        (migrations.AddField("contact", "new", models.TextField(db_default="")), False),
        (migrations.AddField("contact", "new", models.TextField(default="")), True),
        (migrations.RemoveField("contact", "notes"), True),
        (migrations.RenameField("contact", "notes", "remarks"), True),
        (migrations.DeleteModel("contact"), True),
        (migrations.CreateModel("new", [("id", models.AutoField(primary_key=True))]), False),
        (migrations.AddIndex("contact", models.Index(fields=["name"], name="by_name")), False),
        (migrations.RunPython(migrations.RunPython.noop), False),
    ],
)
def test_what_breaks_the_release_before(operation, broken):
    assert breaks_the_release_before(operation) is broken
