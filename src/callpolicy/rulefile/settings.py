"""`policy.yaml` becomes the settings of the bundle."""

from __future__ import annotations

import zoneinfo
from typing import Final

from callpolicy.numbering import is_region, parse_number
from callpolicy.points import EFFECTS_OF, KINDS_OF_CLASS, Effect, Stage
from callpolicy.policy import OpenHours, Retention, Settings, StandingBlock
from callpolicy.rulefile.declared import look_at_script
from callpolicy.rulefile.faults import Desk, did_you_mean
from callpolicy.rulefile.known import Known
from callpolicy.rulefile.protected import shipped_numbers
from callpolicy.rulefile.shapes import PolicyFile
from callpolicy.rulefile.shapes.policy import WEEKDAYS
from callpolicy.rulefile.sources import quoted
from callpolicy.rulefile.texts import look_at_texts
from callpolicy.rulefile.tree import Path
from callpolicy.rulefile.zones import zone_hint

_OFFENCES: Final = KINDS_OF_CLASS[Effect.NUISANCE]


def make_settings(desk: Desk, shape: PolicyFile) -> Settings:
    """The settings, with every fault of them handed in.

    Args:
        desk: where faults go.
        shape: the file.
    """
    _look_at_place(desk, shape)
    _look_at_stages(desk, shape)
    _look_at_lists(desk, shape)
    for signal, kind in shape.offence_signals.items():
        if kind not in _OFFENCES:
            known = [str(each) for each in _OFFENCES]
            desk.unknown(("offence_signals", signal), "unknown-value", "kind of offence", kind, known)
    if shape.standing_block.effect not in EFFECTS_OF[Stage.SCREEN]:
        _other_stage(desk, ("standing_block", "effect"), shape.standing_block.effect, Stage.SCREEN)
    block = shape.standing_block
    return Settings(
        name=shape.name,
        region=shape.region,
        time_zone=shape.time_zone,
        languages=tuple(shape.languages),
        hours=_hours(desk, shape),
        holidays=frozenset(shape.holidays),
        feeds=frozenset(str(feed) for feed in shape.feeds),
        offence_signals={signal: str(kind) for signal, kind in shape.offence_signals.items()},
        protected_classes={name: dict(each.title) for name, each in shape.protected.items()},
        protected_numbers=_protected_numbers(desk, shape),
        standing_block=StandingBlock(block.effect, block.priority, block.say),
        list_identities=tuple(shape.list_identities),
        retention=_retention(desk, shape),
        clear=frozenset(shape.privacy.clear),
    )


def look_at_settings(desk: Desk, known: Known, settings: Settings) -> None:
    """Hand in what the settings refer to and other files do not declare."""
    for name in settings.protected_classes:
        look_at_texts(desk, known, ("protected", name, "title"), placeholders=False)
    look_at_script(desk, known, ("standing_block", "say"))
    written = desk.document.at(("privacy", "clear"))
    for position, name in enumerate(written if isinstance(written, list) else ()):
        known.fact(desk, ("privacy", "clear", position), name, key=False)
    for signal in settings.offence_signals:
        if known.signals is not None and signal not in known.signals:
            hint = did_you_mean(signal, known.signals)
            desk.fault(
                ("offence_signals", signal), "unknown-signal", f"no lexicon raises {quoted(signal)}", hint, key=True
            )


def _look_at_place(desk: Desk, shape: PolicyFile) -> None:
    if not is_region(shape.region):
        desk.fault(
            ("region",),
            "unknown-region",
            f"{quoted(shape.region)} is no region that has numbers",
            "write `CN`, `US`, `DE` …",
        )
    try:
        zoneinfo.ZoneInfo(shape.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        desk.fault(
            ("time_zone",),
            "unknown-time-zone",
            f"{quoted(shape.time_zone)} is no time zone",
            zone_hint(shape.time_zone),
        )


def _look_at_lists(desk: Desk, shape: PolicyFile) -> None:
    lists = {
        "languages": shape.languages,
        "holidays": shape.holidays,
        "feeds": shape.feeds,
        "list_identities": shape.list_identities,
    }
    for name, items in lists.items():
        look_at_repeats(desk, (name,), items)
    look_at_repeats(desk, ("privacy", "clear"), shape.privacy.clear)


def look_at_repeats(desk: Desk, path: Path, items: object) -> None:
    """Hand in every item of a list that stood in it before."""
    seen: list[object] = []
    for position, item in enumerate(items if isinstance(items, list) else ()):
        if item in seen:
            desk.fault((*path, position), "duplicate-value", f"{quoted(item)} stands twice in the list")
        seen.append(item)


def _look_at_stages(desk: Desk, shape: PolicyFile) -> None:
    for stage, restated in shape.stages.items():
        effects = EFFECTS_OF[stage]
        path = ("stages", str(stage))
        if tuple(restated.effects) != effects:
            hint = f"write [{', '.join(effects)}]: they are fixed"
            desk.fault(
                (*path, "effects"), "stage-restated-wrongly", f"these are not the effects of `{stage}` in order", hint
            )
        if restated.default is not effects[0]:
            message = f"the default of `{stage}` is `{effects[0]}`, not `{restated.default}`"
            desk.fault((*path, "default"), "stage-restated-wrongly", message, "stages are fixed")


def _other_stage(desk: Desk, path: Path, effect: Effect, stage: Stage) -> None:
    hint = f"one of: {', '.join(EFFECTS_OF[stage])}"
    desk.fault(path, "effect-of-other-stage", f"`{effect}` is no effect of `{stage}`", hint)


def _hours(desk: Desk, shape: PolicyFile) -> tuple[OpenHours, ...]:
    hours: list[OpenHours] = []
    for weekday, name in enumerate(WEEKDAYS, start=1):
        before = 0
        for position, (opens, closes) in enumerate(getattr(shape.business_hours, name)):
            if opens < before:
                message = "these hours begin before the ones ahead of them end"
                desk.fault(("business_hours", name, position), "bad-hours", message, "write them in order")
            before = closes
            hours.append(OpenHours(weekday, opens, closes))
    return tuple(hours)


def _retention(desk: Desk, shape: PolicyFile) -> Retention:
    kept = shape.retention
    if kept is None:
        return Retention()
    for name in kept.model_fields_set:
        if getattr(kept, name) == 0:
            hint = "write how long it is needed, such as `365d`"
            desk.fault(("retention", name), "bad-duration", f"{quoted(name)} cannot be kept for 0 seconds", hint)
    spans = {name: desk.document.span(("retention", name)) for name in kept.model_fields_set}
    return Retention(kept.history, kept.cases, kept.blocks, kept.personal, spans)


def _protected_numbers(desk: Desk, shape: PolicyFile) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    classes: dict[str, str] = {}
    for name, each in shape.protected.items():
        numbers: list[str] = []
        for position, raw in enumerate(each.numbers):
            path = ("protected", name, "numbers", position)
            canonical = read_number(desk, path, raw, shape.region)
            if canonical is None:
                continue
            if canonical in classes:
                desk.fault(path, "duplicate-value", f"this number stands in `{classes[canonical]}` already")
            classes[canonical] = name
            numbers.append(canonical)
        found[name] = tuple(numbers)
    for name, shipped in shipped_numbers(desk, shape).items():
        # WHY: the norm's own word counts, and a number that comes along one day must not make a fault of it.
        found[name] += tuple(each for each in dict.fromkeys(shipped) if each not in classes)
    return found


def read_number(desk: Desk, path: Path, raw: str, region: str) -> str | None:
    """The canonical value of a number as written, or `None` with the fault handed in."""
    canonical = parse_number(raw, region=region).canonical if is_region(region) else ""
    if canonical is None:
        desk.fault(
            path,
            "bad-number",
            "this is not a telephone number",
            "write it as on a letter: `+…`, national or short, in quotes",
        )
    return canonical or None
