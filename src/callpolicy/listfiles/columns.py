"""Which format a file has, what parts its columns, and which column holds what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from callpolicy.errors import UsageError
from callpolicy.listfiles.fields import fold
from callpolicy.listfiles.model import ColumnMapping, Format
from callpolicy.listfiles.opening import LONGEST_LINE, Line
from callpolicy.listfiles.rows import split_cells, table_rows
from callpolicy.rulefile.sources import quoted

DELIMITERS: Final = (",", "\t", ";", "|")
"""What may part columns, the most usual first."""

LINES_LOOKED_AT: Final = 50
"""How many lines tell the format."""

# What holds what, by the names that people give it; of several the first counts, but for the number.
ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "number": (
        "number", "phone", "phonenumber", "telephone", "telephonenumber", "tel", "mobile", "caller", "callernumber",
        "companyphonenumber", "号码", "电话", "电话号码", "手机", "手机号", "手机号码", "主叫", "主叫号码", "来电号码",
        "黑名单号码", "客户号", "customer", "customerid", "prefix", "号段",
    ),
    "reason": (
        "reason", "subject", "原因", "理由", "事由", "拉黑原因", "加黑原因", "comment", "note", "notes",
        "备注", "说明",
    ),
    "since": (
        "since", "from", "created", "createddate", "createdat", "startdate", "开始", "开始时间", "开始日期", "生效时间",
        "生效日期", "创建时间", "创建日期", "加入时间", "登记时间",
    ),
    "until": (
        "until", "expires", "expiresat", "expiry", "expirydate", "enddate", "到期", "到期日", "到期时间", "到期日期",
        "失效时间", "失效日期", "结束时间", "截止", "截止日期", "截止时间", "有效期至",
    ),
    "term": ("term", "duration", "期限", "时长", "有效期", "屏蔽期限", "拉黑期限"),
    "kind": ("kind", "type", "类别", "类型", "种类"),
    "evidence": ("evidence", "ticket", "case", "证据", "依据", "凭证", "工单", "工单号"),
}  # fmt: skip
_FTC: Final = {
    "number": "companyphonenumber",
    "reason": "subject",
    "created": "createddate",
    "called": "violationdate",
}
_NAMES_TOLD: Final = ("number", "phone", "telephone", "caller", "号码", "电话", "手机号", "主叫号码")
# A plain list has the number and the reason.
_COLUMNS_OF_A_LIST: Final = 2
_CUSTOMER_NAMES: Final = frozenset({"客户号", "customer", "customerid"})
_DIGIT: Final = re.compile(r"\d")
_NOT_A_NAME: Final = re.compile(r"[\s_.:：*-]")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is laid out.

    Args:
        format: its format.
        delimiter: what parts its columns; empty for a plain list.
        header: its columns; none for a plain list.
        places: what is read → place in a row.
        customers: whether the column of the number holds customers by its name.
    """

    format: Format
    delimiter: str = ""
    header: tuple[str, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict, hash=False)
    customers: bool = False

    @property
    def columns(self) -> dict[str, str]:
        """What is read → name of the column."""
        return {role: self.header[place] for role, place in self.places.items()}

    @property
    def unused(self) -> tuple[str, ...]:
        """Columns that are not looked at."""
        used = set(self.places.values())
        return tuple(each for place, each in enumerate(self.header) if place not in used)


def find_layout(
    name: str,
    head: Sequence[Line],
    told: Format | None,
    mapping: ColumnMapping,
    names_somebody: Callable[[str], bool],
) -> Layout:
    """Find how a file is laid out.

    Args:
        name: of the file, for messages.
        head: its first lines.
        told: the format, if it was told.
        mapping: which column holds what, as far as it was told.
        names_somebody: whether a cell names a number, a customer, a prefix or a range.

    Raises:
        UsageError: it cannot be told, or a column is not there.
    """
    if told is Format.PLAIN:
        return Layout(Format.PLAIN)
    first = next((line for line in head if line.text.strip() or line.too_long), None)
    if first is None:
        return Layout(told or Format.PLAIN)
    if first.too_long:
        raise UsageError(f"{name}:{first.number}: the line has more than {LONGEST_LINE} characters; is this a list?")
    delimiter, header = _header(head, mapping)
    if told is not None or _is_table(header, mapping):
        return _table(f"{name}:{first.number}", delimiter, header, told, mapping)
    lines = [line for line in head if line.text.strip() and not line.text.lstrip().startswith("#")]
    strange = _strange_header([line.text for line in lines], names_somebody)
    if strange:
        known = f"known names are {_list(_NAMES_TOLD)}; rename the column of the numbers, or give the format `plain`"
        raise UsageError(f"{name}:{lines[0].number}: no column of numbers; columns read: {_list(strange)}; {known}")
    return _plain(name, [line.text for line in lines], names_somebody)


def key_of(column: str) -> str:
    """The name of a column without what does not matter: `Company_Phone_Number` is `companyphonenumber`."""
    return _NOT_A_NAME.sub("", fold(column)).lower()


def _header(head: Sequence[Line], mapping: ColumnMapping) -> tuple[str, tuple[str, ...]]:
    """The delimiter under which most columns of the first row are known, and the columns."""
    known = {name for names in ROLES.values() for name in names} | set(_FTC.values())
    known |= {key_of(each) for each in _told(mapping).values()}
    best: tuple[int, str, tuple[str, ...]] = (-1, ",", ())
    for delimiter in (mapping.delimiter,) if mapping.delimiter else DELIMITERS:
        rows = table_rows(iter(head), delimiter)
        cells = tuple(cell.strip() for cell in next(row.cells for row in rows if row.cells or row.fault))
        found = sum(key_of(cell) in known for cell in cells)
        if found > best[0]:
            best = (found, delimiter, cells)
    return best[1], best[2]


def _told(mapping: ColumnMapping) -> dict[str, str]:
    """What the mapping says → name of the column."""
    told = {role: getattr(mapping, role) for role in ROLES}
    return {role: name for role, name in told.items() if name is not None}


def _is_table(header: Sequence[str], mapping: ColumnMapping) -> bool:
    keys = {key_of(cell) for cell in header}
    return bool(_told(mapping)) or not keys.isdisjoint(ROLES["number"])


def _table(place: str, delimiter: str, header: tuple[str, ...], told: Format | None, mapping: ColumnMapping) -> Layout:
    keys = [key_of(cell) for cell in header]
    complaints = {_FTC["number"], _FTC["created"], _FTC["called"]}.issubset(keys)
    if told is Format.FTC or (told is None and complaints and not _told(mapping)):
        missing = sorted(set(_FTC.values()) - set(keys))
        if missing:
            lacks = ", ".join(f"`{each}`" for each in missing)
            raise UsageError(f"{place}: this is no file of FTC complaints: it lacks {lacks}; try the format `csv`")
        return Layout(Format.FTC, delimiter, header, {role: keys.index(key) for role, key in _FTC.items()})
    places = {role: _place(place, role, names, keys, header, mapping) for role, names in ROLES.items()}
    found = {role: where for role, where in places.items() if where is not None}
    if "number" not in found:
        known = f"known names are {_list(_NAMES_TOLD)}; rename the column of the numbers"
        raise UsageError(f"{place}: no column of numbers; columns read: {_list(header)}; {known}")
    return Layout(Format.CSV, delimiter, header, found, keys[found["number"]] in _CUSTOMER_NAMES)


def _place(
    place: str, role: str, names: Sequence[str], keys: list[str], header: Sequence[str], mapping: ColumnMapping
) -> int | None:
    told = _told(mapping).get(role)
    if told is not None:
        if key_of(told) not in keys:
            raise UsageError(f"{place}: there is no column {quoted(told)}; there are {_list(header)}")
        names = (key_of(told),)
    found = [index for name in names for index, key in enumerate(keys) if key == name]
    if role == "number" and len(found) > 1:
        both = _list([header[index] for index in found])
        raise UsageError(f"{place}: each of {both} could hold the numbers; name only one of them `number`")
    if len(found) > 1 and keys[found[0]] == keys[found[1]]:
        raise UsageError(f"{place}: there is more than one column {quoted(header[found[0]])}; rename all but one")
    return found[0] if found else None


def _list(names: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(quoted(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _strange_header(lines: Sequence[str], names_somebody: Callable[[str], bool]) -> tuple[str, ...]:
    """The columns of a header of which none is known: words above rows of as many cells with digits in them."""
    if not lines:
        return ()
    for delimiter in DELIMITERS:
        header, *rows = ([cell.strip() for cell in split_cells(line, delimiter)] for line in lines)
        alike = [row for row in rows if len(row) == len(header)]
        words = all(cell and not _DIGIT.search(cell) and not names_somebody(cell) for cell in header)
        digits = any(_DIGIT.search(cell) for row in alike for cell in row)
        if len(header) >= _COLUMNS_OF_A_LIST and words and digits and len(alike) * 2 >= len(rows):
            return tuple(header)
    return ()


def _plain(name: str, lines: Sequence[str], names_somebody: Callable[[str], bool]) -> Layout:
    """A plain list, if most of the lines begin with a number, a customer, a prefix or a range."""
    if not lines:
        return Layout(Format.PLAIN)
    for delimiter in DELIMITERS:
        counts = {len(split_cells(line, delimiter)) for line in lines}
        if len(lines) > 1 and len(counts) == 1 and max(counts) > _COLUMNS_OF_A_LIST:
            hint = "write `number,reason,…` above it, or give the format `plain`"
            raise UsageError(f"{name}: this looks like a table whose columns have no names; {hint}")
    named = sum(names_somebody(re.split(r"[\t,，]", line.strip(), maxsplit=1)[0].strip()) for line in lines)
    if named * 2 < len(lines):
        hint = "give the format `plain`, `csv` or `ftc`, or name the column of the numbers `number`"
        how = f"{named} of its first {len(lines)} lines begin with a number"
        raise UsageError(f"{name}: it cannot be told what kind of list this is: {how}; {hint}")
    return Layout(Format.PLAIN)
