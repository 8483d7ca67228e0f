"""The store in SQL: SQLite in a file, or PostgreSQL. Needs the extra `store`, and `postgres` for the latter."""

from callpolicy.stores.sql.store import SqlStore

__all__ = ["SqlStore"]
