"""Empty tables after a test that commits. Django makes the files of all tables anew and writes the rights again."""

from django.db import connection

KEPT = {"django_content_type", "auth_permission"}
"""As migrations have filled them; nothing else in a new database has rows."""
UNCHECKED = """SELECT set_config('session_replication_role', 'replica', true)
    FROM pg_roles WHERE rolname = current_user AND rolsuper"""
"""PostgreSQL leaves out the foreign keys until the end of the transaction, if we are who may ask for that."""


def empty_tables() -> None:
    """Takes every row but those. Foreign keys are looked at when all are gone."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    statements = [f'DELETE FROM "{table}"' for table in sorted(set(tables) - KEPT)]
    if connection.vendor == "postgresql":
        statements = ["; ".join([UNCHECKED, *statements])]
    connection.ops.execute_sql_flush(statements)
