"""`run_mutants`: every mutant of a bundle judged, in one process or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

from callpolicy.errors import UsageError
from callpolicy.mutants.judging import Judging
from callpolicy.mutants.keeping import Kept, Keys
from callpolicy.mutants.model import Equivalent, Mutant, MutationReport, Result
from callpolicy.mutants.operators import OPERATORS, mutants_of
from callpolicy.policy import Bundle
from callpolicy.trials import run_scenarios, try_examples

_FEW: Final = 8


def run_mutants(
    bundle: Bundle,
    *,
    equivalent: Equivalent | None = None,
    operators: Sequence[str] | None = None,
    owners: Sequence[str] | None = None,
    jobs: int = 1,
    kept: Kept | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> MutationReport:
    """Make every mutant of a bundle and see what kills it.

    Args:
        bundle: the bundle; its own examples and scenarios must pass.
        equivalent: asked about survivors only; what a module holds, if there are several processes.
        operators: names of the operators to use; all of them if left out.
        owners: only mutants of these rules, invariants, windows or files; all of them if left out.
        jobs: how many processes judge.
        kept: what an earlier run found; this run's results are added to it.
        on_progress: told how many mutants are done, of how many.

    Returns:
        one result for each mutant, in their order.

    Raises:
        UsageError: no operator has that name, nothing is changed in an owner, or the bundle's own examples or scenarios
            fail.
    """
    unknown = set(operators or ()) - {each.name for each in OPERATORS}
    if unknown:
        names = ", ".join(f"`{each.name}`" for each in OPERATORS)
        raise UsageError(f"there is no operator `{min(unknown)}`; there are {names}")
    _look_at(bundle)
    mutants = mutants_of(bundle, operators)
    if owners is not None:
        mutants = _of_owners(mutants, owners)
    keys = Keys(bundle) if kept is not None else None
    results: list[Result | None] = [
        keys.found(each, kept) if keys is not None and kept is not None else None for each in mutants
    ]
    places = [place for place, result in enumerate(results) if result is None]
    reused = done = len(mutants) - len(places)
    if on_progress:
        on_progress(done, len(mutants))
    for place, result in _judged(bundle, [mutants[each] for each in places], equivalent, jobs):
        results[places[place]] = result
        done += 1
        if keys is not None and kept is not None:
            keys.keep(mutants[places[place]], result, kept)
        if on_progress:
            on_progress(done, len(mutants))
    return MutationReport(tuple(each for each in results if each is not None), reused)


def _of_owners(mutants: Sequence[Mutant], owners: Sequence[str]) -> tuple[Mutant, ...]:
    nobody = set(owners) - {each.owner for each in mutants}
    if nobody:
        # WHY: of nothing everything is killed, and a slip of the pen would pass a gate.
        raise UsageError(f"no mutant is made of `{min(nobody)}`; give the id of a rule, invariant or window, or a file")
    return tuple(each for each in mutants if each.owner in owners)


def _look_at(bundle: Bundle) -> None:
    """See that what is to kill mutants passes on the bundle itself."""
    failing = [each for each in try_examples(bundle) if each.code in {"example-fails", "example-value"}]
    failed = next((each.scenario.id for each in run_scenarios(bundle, bundle.scenarios) if not each.passed), None)
    if failing or failed:
        what = f"scenario `{failed}` fails" if failed else failing[0].message
        raise UsageError(f"mutants can be judged only where the norm itself passes: {what}; run `callpolicy check`")


def _judged(
    bundle: Bundle, mutants: Sequence[Mutant], equivalent: Equivalent | None, jobs: int
) -> Iterator[tuple[int, Result]]:
    if jobs <= 1 or len(mutants) <= _FEW:
        judging = Judging(bundle, equivalent) if mutants else None
        for place, mutant in enumerate(mutants):
            assert judging is not None
            yield place, judging.judge(mutant)
        return
    # WHY not fork: the process may have threads, and a fork of one that has may hang.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (bundle, equivalent)) as pool:
        yield from enumerate(pool.map(_judge, mutants, chunksize=_FEW))


_JUDGING: Final[list[Judging]] = []


def _begin(bundle: Bundle, equivalent: Equivalent | None) -> None:
    _JUDGING[:] = [Judging(bundle, equivalent)]


def _judge(mutant: Mutant) -> Result:
    return _JUDGING[0].judge(mutant)
