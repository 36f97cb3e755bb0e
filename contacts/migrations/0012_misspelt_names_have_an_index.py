"""Compare a misspelt name with a person's words and not with the notes on the line below."""

from django.db import migrations

POSTGRESQL = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm') THEN
        CREATE INDEX contacts_searchtext_words
            ON contacts_searchtext USING gin (split_part(text, E'\\n', 1) gin_trgm_ops)
            WITH (gin_pending_list_limit = 128) WHERE contact_id IS NOT NULL;
    END IF;
END
$$
"""


def index_words(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(POSTGRESQL)


def drop_words(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("DROP INDEX IF EXISTS contacts_searchtext_words")


class Migration(migrations.Migration):
    dependencies = [("contacts", "0011_many_at_once_and_views_of_ones_own")]

    operations = [migrations.RunPython(index_words, drop_words)]
