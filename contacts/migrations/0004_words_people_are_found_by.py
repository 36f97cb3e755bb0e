import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The trigrams of contacts_searchtext.text.  The words are folded already, so the index
# neither folds nor strips anything itself.
SQLITE = [
    """
    CREATE VIRTUAL TABLE contacts_searchtext_fts USING fts5(
        text, content='contacts_searchtext', content_rowid='id',
        tokenize='trigram case_sensitive 1'
    )
    """,
    """
    CREATE TRIGGER contacts_searchtext_added AFTER INSERT ON contacts_searchtext BEGIN
        INSERT INTO contacts_searchtext_fts (rowid, text) VALUES (new.id, new.text);
    END
    """,
    """
    CREATE TRIGGER contacts_searchtext_gone AFTER DELETE ON contacts_searchtext BEGIN
        INSERT INTO contacts_searchtext_fts (contacts_searchtext_fts, rowid, text)
        VALUES ('delete', old.id, old.text);
    END
    """,
    """
    CREATE TRIGGER contacts_searchtext_changed AFTER UPDATE OF text ON contacts_searchtext BEGIN
        INSERT INTO contacts_searchtext_fts (contacts_searchtext_fts, rowid, text)
        VALUES ('delete', old.id, old.text);
        INSERT INTO contacts_searchtext_fts (rowid, text) VALUES (new.id, new.text);
    END
    """,
]
POSTGRESQL = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX contacts_searchtext_trigrams
        ON contacts_searchtext USING gin (text gin_trgm_ops);
EXCEPTION
    WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
        RAISE NOTICE 'pg_trgm is not to be had here; search is slower and knows no misspellings';
END
$$
"""


def index_trigrams(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "sqlite":
            cursor.execute("PRAGMA compile_options")
            if ("ENABLE_FTS5",) in cursor.fetchall():
                for statement in SQLITE:
                    cursor.execute(statement)
        else:
            cursor.execute(POSTGRESQL)


def drop_trigrams(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "sqlite":
            cursor.execute("DROP TABLE IF EXISTS contacts_searchtext_fts")


def find_people_by_name(apps, schema_editor):
    """Good enough for rows that were here before: the next save adds employer, tags and notes."""
    contact, text = (apps.get_model("contacts", name) for name in ("Contact", "SearchText"))
    rows = contact.objects.filter(is_self=False).values_list("pk", "owner_id", "name_key")
    text.objects.bulk_create(
        (text(contact_id=pk, owner_id=owner, text=f" {key} ") for pk, owner, key in rows),
        batch_size=300,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0003_alter_contact_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "text",
                    models.TextField(
                        help_text="Words between single spaces; a person's notes on line 2."
                    ),
                ),
                (
                    "contact",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_text",
                        to="contacts.contact",
                    ),
                ),
                (
                    "interaction",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_text",
                        to="contacts.interaction",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(contact__isnull=True, interaction__isnull=False)
                        | models.Q(contact__isnull=False, interaction__isnull=True),
                        name="searchtext_of_one_thing",
                    )
                ],
            },
        ),
        migrations.RunPython(index_trigrams, drop_trigrams),
        migrations.RunPython(find_people_by_name, migrations.RunPython.noop),
    ]
