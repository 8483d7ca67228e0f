"""`--save-case` of `callpolicy replay`: a recorded call becomes a scenario that is tried before it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callpolicy.errors import UsageError

if TYPE_CHECKING:
    from callpolicy.decision import Decision
    from callpolicy.events import Event
    from callpolicy.lists import Entry
    from callpolicy.policy import Bundle
    from callpolicy.replay.case import SavedCase
    from callpolicy.runtime import Engine

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,79}", re.ASCII)
_WHY: Final = (
    "it rests on what a case cannot hold: calls further back, facts that a scenario cannot give, "
    "or values that masking changes"
)


@dataclass(frozen=True, slots=True)
class Saving:
    """A call that is to be saved.

    Args:
        call: the call.
        path: the file of the scenario.
        norm: folder of the norm.
    """

    call: str
    path: Path
    norm: Path

    @classmethod
    def prepare(cls, call: str | None, path: Path | None, norm: Path) -> Saving | None:
        """What is to be saved, or `None`.

        Raises:
            UsageError: one of the two options is missing, or the file's name cannot be that of a scenario.
        """
        from callpolicy.rulefile.sources import quoted

        if call is None and path is None:
            return None
        if call is None or path is None:
            raise UsageError("`--save-case CALL` and `--to FILE.yaml` go together")
        if path.suffix != ".yaml" or not _NAME.fullmatch(path.stem):
            hint = "call it as `late_offence.yaml`: small letters, digits and `_`"
            raise UsageError(f"{quoted(path.name)} cannot be the file of a scenario; {hint}")
        return cls(call, path, norm)

    def calls_needed(self, events: Sequence[Event], bundle: Bundle) -> tuple[str, ...]:
        """The calls of which events and decisions must be kept.

        Raises:
            UsageError: there is no such call.
        """
        from callpolicy.replay.case import calls_of_case

        return calls_of_case(events, self.call, bundle)

    def write(self, bundle: Bundle, engine: Engine, taken: Sequence[tuple[Event, Decision]]) -> SavedCase | None:
        """Write the scenario, if it decides again as the replay did.

        Returns:
            what was written; `None` if it does not decide again, and what differs has been told.

        Raises:
            UsageError: it cannot be written.
        """
        from callpolicy.cli.outputs import whole_file
        from callpolicy.cli.terminal import fault
        from callpolicy.replay.case import chosen, make_case

        held = chosen(taken, self.call, bundle)
        offered = next(event.at for event, _ in held if event.call_id == self.call)
        failures: list[str] = []
        # WHY twice: a block that was made among the calls of the case is made again, or else it must be given.
        for at in (held[0][0].at, offered):
            entries = self._entries(bundle, engine, held, at)
            case = make_case(held, self.call, bundle, self.path.stem, entries)
            differing = self._try(case)
            if not differing:
                with whole_file(self.path) as file:
                    file.write(case.text.encode())
                return case
            failures = failures or differing
        for failure in failures:
            fault(failure)
        fault(f"the case does not decide again as the replay did, so that it was not written; {_WHY}")
        return None

    def _entries(self, bundle: Bundle, engine: Engine, held: Sequence[tuple[Event, Decision]], at: int) -> list[Entry]:
        """The list entries that stood before an instant and still hold then."""
        from callpolicy.replay.case import identities_of
        from callpolicy.runtime.blocks import listed_identities
        from callpolicy.stores.base import Query

        identities = identities_of((event for event, _ in held), self.call, bundle)
        listed = listed_identities(identities, bundle.settings)
        # WHY before it: an entry that is made at the instant itself would hide the one that was found.
        standing = engine.store.background(Query(self.call, identities, {}, None, at - 1, listed)).standing
        entries = (standing.block, standing.allow) if standing else ()
        return [entry for entry in entries if entry is not None and entry.holds(at)]

    def _try(self, case: SavedCase) -> list[str]:
        """What the scenario decides differently from the replay."""
        from callpolicy.rulefile import load_bundle_files, read_files
        from callpolicy.trials import run_scenario

        files, _ = read_files(self.norm)
        bundle = load_bundle_files({**files, f"scenarios/{self.path.name}": case.text.encode()})
        scenario = next(each for each in bundle.scenarios if each.id == self.path.stem)
        return [failure for step in run_scenario(bundle, scenario).steps for failure in step.failures]
