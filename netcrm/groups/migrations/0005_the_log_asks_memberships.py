"""Let what keeps the log of who looked read a table of this app, and none of another.

SQLite makes a table anew to alter it, and refuses to while a trigger elsewhere names it: with
accounts_user in the trigger, no migration could alter users.  An account's memberships go with it,
so they say as well whether the account is there.  A migration that alters ``groups_membership``
drops this trigger first and makes it again (``unguard``, ``guard``).
"""

from django.db import migrations

SQLITE = """
CREATE TRIGGER viewlog_is_kept BEFORE DELETE ON groups_viewlog
WHEN OLD.at > datetime('now', '-1 year')
    AND EXISTS (SELECT 1 FROM {table} WHERE {column} = OLD.member_id)
BEGIN SELECT RAISE(ABORT, 'viewlog_is_kept'); END
"""
POSTGRESQL = """
CREATE OR REPLACE FUNCTION viewlog_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.at > now() - interval '1 year'
        AND EXISTS (SELECT 1 FROM {table} WHERE {column} = OLD.member_id) THEN
        RAISE EXCEPTION 'viewlog_is_kept' USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
END $$
"""


def unguard(schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER IF EXISTS viewlog_is_kept")


def guard(schema_editor, table, column):
    """Make the trigger; PostgreSQL's reads its function, which is replaced."""
    sqlite = schema_editor.connection.vendor == "sqlite"
    unguard(schema_editor)
    statement = SQLITE if sqlite else POSTGRESQL
    schema_editor.execute(statement.format(table=table, column=column))


def by_memberships(apps, schema_editor):
    guard(schema_editor, "groups_membership", "user_id")


def by_accounts(apps, schema_editor):
    guard(schema_editor, "accounts_user", "id")


class Migration(migrations.Migration):
    dependencies = [("groups", "0004_a_rhythm_has_a_tag")]

    operations = [migrations.RunPython(by_memberships, by_accounts)]
