"""Small tables and the mapping that reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from callpolicy.replay import Mapping, Recorded, read_table

HEADER: Final = "id,day,in,out,who,what,end"

MAPPING: Final[dict[str, Any]] = {
    "id": "desk",
    "title": {"zh-CN": "台账", "en": "the desk's list"},
    "time_zone": "Asia/Shanghai",
    "time_format": "%Y-%m-%d %H:%M:%S",
    "call_id": ["id"],
    "feeds": ["agent_marks"],
    "events": [
        {
            "event": "offered",
            "at": [{"columns": ["day", "in"]}],
            "with": {
                "customer": {"column": "who"},
                "topic": {"column": "what", "values": {"1": "cards", "2": "loans"}},
            },
        },
        {
            "event": "ended",
            "at": [{"columns": ["day", "out"], "none": ["", "-"]}],
            "with": {"by": {"column": "end", "values": {"c": "caller", "a": "agent"}}, "cause": {"const": "hang_up"}},
        },
    ],
}


def mapping(**changes: Any) -> Mapping:
    return Mapping.model_validate({**MAPPING, **changes})


def read(folder: Path, *rows: str, header: str | None = HEADER, made: Mapping | None = None) -> Recorded:
    path = folder / "desk.csv"
    lines = ([header] if header is not None else []) + list(rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return read_table(path, made or mapping())


def row(number: int, who: str = "70001") -> str:
    return f"{number},2026-03-02,09:00:00,09:05:30,{who},1,c"
