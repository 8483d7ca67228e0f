"""What Alembic runs around the migrations; the connection is given by `callpolicy.stores.sql.migrating`."""

from alembic import context

from callpolicy.stores.sql.schema import METADATA, VERSION_TABLE


def run() -> None:
    """Run the migrations inside the transaction that the connection is in."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=METADATA,
        version_table=VERSION_TABLE,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


# WHY asked: outside Alembic, where the sources are searched for doctests, there is nothing to run.
if hasattr(context, "config"):
    run()
