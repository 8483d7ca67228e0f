"""List files: numbers and customers that a centre already keeps somewhere, read for a block- or an allowlist.

`read_list` reads a plain list, a table, or the complaints that the FTC publishes. Nothing is lost: every row is in a
candidate, names the subject of an earlier one, or stands in the report with its line and the cause.
"""

from callpolicy.listfiles.model import (
    Candidate,
    ColumnMapping,
    Contradiction,
    Duplicate,
    Format,
    ListFile,
    ListReport,
    Refused,
    Remark,
    Sample,
)
from callpolicy.listfiles.reading import read_list
from callpolicy.listfiles.reporting import ReportTable, report_tables, report_to_dict
from callpolicy.listfiles.texts import CAUSES, REMARKS, Wording

__all__ = [
    "CAUSES",
    "REMARKS",
    "Candidate",
    "ColumnMapping",
    "Contradiction",
    "Duplicate",
    "Format",
    "ListFile",
    "ListReport",
    "Refused",
    "Remark",
    "ReportTable",
    "Sample",
    "Wording",
    "read_list",
    "report_tables",
    "report_to_dict",
]
