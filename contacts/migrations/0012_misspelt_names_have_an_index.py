"""Compare a misspelt name with a person's words and not with the notes on the line below."""

from django.db import migrations

# One after the other, and none in a transaction: people go on writing while an index is built,
# and one that was broken off stands there unfinished.
POSTGRESQL = (
    "DROP INDEX CONCURRENTLY IF EXISTS contacts_searchtext_words",
    """
    CREATE INDEX CONCURRENTLY contacts_searchtext_words
        ON contacts_searchtext USING gin (split_part(text, E'\\n', 1) gin_trgm_ops)
        WITH (gin_pending_list_limit = 128) WHERE contact_id IS NOT NULL
    """,
)


def index_words(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
            if cursor.fetchone():
                for statement in POSTGRESQL:
                    cursor.execute(statement)


def drop_words(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("DROP INDEX IF EXISTS contacts_searchtext_words")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0011_many_at_once_and_views_of_ones_own")]

    operations = [migrations.RunPython(index_words, drop_words)]
