"""The log of who looked only grows (reliability.md L06): the database refuses the rest.

A row may go after a year, or when the account it is about is gone.
"""

from django.db import migrations

SQLITE = (
    """
CREATE TRIGGER viewlog_is_never_changed BEFORE UPDATE ON groups_viewlog
BEGIN SELECT RAISE(ABORT, 'viewlog_is_never_changed'); END
""",
    """
CREATE TRIGGER viewlog_is_kept BEFORE DELETE ON groups_viewlog
WHEN OLD.at > datetime('now', '-1 year')
    AND EXISTS (SELECT 1 FROM accounts_user WHERE id = OLD.member_id)
BEGIN SELECT RAISE(ABORT, 'viewlog_is_kept'); END
""",
)
POSTGRESQL = (
    """
CREATE FUNCTION viewlog_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'viewlog_is_never_changed' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER viewlog_is_never_changed BEFORE UPDATE OR TRUNCATE ON groups_viewlog
FOR EACH STATEMENT EXECUTE FUNCTION viewlog_is_never_changed()
""",
    """
CREATE FUNCTION viewlog_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.at > now() - interval '1 year'
        AND EXISTS (SELECT 1 FROM accounts_user WHERE id = OLD.member_id) THEN
        RAISE EXCEPTION 'viewlog_is_kept' USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER viewlog_is_kept BEFORE DELETE ON groups_viewlog
FOR EACH ROW EXECUTE FUNCTION viewlog_is_kept()
""",
)
NAMES = ("viewlog_is_never_changed", "viewlog_is_kept")


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in SQLITE if vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    for name in NAMES:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER {name}")
        else:
            schema_editor.execute(f"DROP FUNCTION {name} CASCADE")


class Migration(migrations.Migration):
    dependencies = [("groups", "0001_initial"), ("accounts", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="viewlog", options={"managed": False, "ordering": ["-at", "-id"]}
        ),
        migrations.RunPython(guard, unguard),
    ]
