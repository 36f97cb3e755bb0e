"""The database refuses what the transition table does not have (domain.md 2, feature N1)."""

from django.db import migrations

# A copy: a migration imports no code of the app.  A test compares it with the engine's table.
MOVES = {
    "wanted": ("asked", "made", "closed"),
    "asked": ("checking", "agreed", "declined", "no_answer", "made", "closed"),
    "checking": ("agreed", "declined", "no_answer", "made", "closed"),
    "no_answer": ("agreed", "declined", "made", "closed"),
    "agreed": ("declined", "made", "closed"),
    "declined": ("made", "closed"),
    "made": ("acknowledged", "met", "closed"),
    "acknowledged": ("met", "closed"),
    "met": ("thanked", "looped", "closed"),
    "thanked": ("looped", "closed"),
    "looped": ("closed",),
}
PAIRS = ", ".join(f"'{old}>{new}'" for old, news in MOVES.items() for new in news)

SQLITE = f"""
CREATE TRIGGER introduction_moves BEFORE UPDATE OF state ON introductions_introduction
WHEN NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN ({PAIRS})
BEGIN SELECT RAISE(ABORT, 'introduction_moves: not in the transition table'); END
"""
POSTGRESQL = f"""
CREATE FUNCTION introduction_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN ({PAIRS}) THEN
        RAISE EXCEPTION 'introduction_moves: not in the transition table'
        USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER introduction_moves BEFORE UPDATE OF state ON introductions_introduction
FOR EACH ROW EXECUTE FUNCTION introduction_moves()
"""


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    schema_editor.execute(SQLITE if vendor == "sqlite" else POSTGRESQL)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER introduction_moves")
    else:
        schema_editor.execute("DROP FUNCTION introduction_moves CASCADE")


class Migration(migrations.Migration):
    dependencies = [("introductions", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
