"""Made calls in the wire form, for replay."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
Event = dict[str, Any]


def call(call_id: str, minutes: float, number: str | None, *steps: Event, **offered: Any) -> list[Event]:
    """Make one call: offered at so many minutes after nine in Shanghai, then a step every ten seconds."""
    begin = MORNING + timedelta(minutes=minutes)
    events: list[Event] = [{"event": "offered", "number": number, **offered}, *steps]
    return [
        {**event, "call_id": call_id, "seq": seq, "at": (begin + timedelta(seconds=10 * seq)).isoformat()}
        for seq, event in enumerate(events)
    ]


def abusive(agent: str = "a1", text: str = "你这个笨蛋") -> tuple[Event, ...]:
    """An insult that a lexicon hears, a warning, an offence that the agent marks, and the end."""
    return (
        {"event": "answered", "agent": agent},
        {"event": "said", "by": "caller", "text": text},
        {"event": "warned"},
        {"event": "offence", "kind": "abuse"},
        {"event": "ended", "by": "agent", "cause": "hang_up"},
    )


def write(path: Path, *calls: list[Event]) -> Path:
    """Write calls as lines of JSON, one after the other as they are given."""
    lines = [json.dumps(event, ensure_ascii=False) for events in calls for event in events]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
