"""What the desk reads: tables as plain data, whoever draws them."""

from callpolicy.reports.tables import Column, Table

__all__ = ["Column", "Table"]
