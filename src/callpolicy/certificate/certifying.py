"""The certificate of a bundle: what was checked, tried, proved and covered, by which version, over which revision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any as AnyValue
from typing import Final

import orjson

from callpolicy import __version__
from callpolicy.analysis.findings import analyse
from callpolicy.analysis.proving import prove
from callpolicy.check import check_bundle
from callpolicy.coverage import cover
from callpolicy.errors import Finding, MissingExtraError, Severity
from callpolicy.instants import instant_text
from callpolicy.policy import Bundle
from callpolicy.runtime import Engine
from callpolicy.runtime.crossing import Crossed, cross, disagreement_text, refuse_disagreement
from callpolicy.trials import try_examples, try_scenarios

FORMAT: Final = 1
"""Version of the form of a certificate."""

STEPS: Final = ("check", "examples", "scenarios", "matchers", "coverage", "proofs", "analysis")
"""What is done for a certificate, in order."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was found out of a bundle before it goes live.

    Args:
        revision: of the bundle.
        at: when, in microseconds.
        refused: why the bundle must not go live, one line each; empty if it may.
        parts: what each step came to, by its name, as plain values.
        version: of callpolicy.
    """

    revision: str
    at: int
    refused: tuple[str, ...]
    parts: dict[str, dict[str, AnyValue]] = field(hash=False)
    version: str = __version__

    @property
    def passed(self) -> bool:
        """Whether the bundle may go live."""
        return not self.refused

    def to_dict(self) -> dict[str, AnyValue]:
        """The certificate as plain values."""
        return {
            "format": FORMAT,
            "callpolicy": self.version,
            "revision": self.revision,
            "at": instant_text(self.at),
            "passed": self.passed,
            "refused": list(self.refused),
            **self.parts,
        }

    def to_json(self) -> bytes:
        """The certificate as JSON with sorted keys."""
        return orjson.dumps(self.to_dict(), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def certify(bundle: Bundle, *, at: int, today: date, on_step: Callable[[str], None] | None = None) -> Certificate:
    """Find out whether a bundle may go live.

    It is refused for an error of `check`, an example or scenario that fails, matchers that disagree, an invariant that
    is not proved, and a hang-up without a warning that a short sequence of events leads to. Coverage and findings of
    the analysis are written down and refuse nothing.

    Args:
        bundle: a bundle that could be loaded.
        at: the instant that stands in the certificate, in microseconds.
        today: for review dates.
        on_step: told the name of each step before it begins.
    """
    made = _Making(bundle, on_step)
    made.findings("check", check_bundle(bundle, today=today))
    made.findings("examples", try_examples(bundle))
    made.findings("scenarios", try_scenarios(bundle))
    made.matchers()
    made.coverage()
    made.proofs()
    return Certificate(bundle.revision, at, tuple(made.refused), made.parts)


class _Making:
    def __init__(self, bundle: Bundle, on_step: Callable[[str], None] | None) -> None:
        self._bundle = bundle
        self._on_step = on_step
        self.refused: list[str] = []
        self.parts: dict[str, dict[str, AnyValue]] = {}

    def _begin(self, step: str) -> None:
        if self._on_step:
            self._on_step(step)

    def findings(self, step: str, findings: tuple[Finding, ...]) -> None:
        """What the checks and trials say; an error refuses."""
        self._begin(step)
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        self.refused += [f"{step}: {finding.message}" for finding in errors]
        warnings = sum(finding.severity is Severity.WARNING for finding in findings)
        self.parts[step] = {"errors": len(errors), "warnings": warnings}

    def matchers(self) -> None:
        """The matchers against each other; one that disagrees refuses."""
        self._begin("matchers")
        crossed = cross(self._bundle)
        self.refused += [f"matchers: {disagreement_text(*each)}" for each in crossed.disagreements]
        self.parts["matchers"] = _crossed_dict(crossed)

    def coverage(self) -> None:
        """What the examples show."""
        self._begin("coverage")
        coverage = cover(self._bundle)
        self.parts["coverage"] = {"percent": round(coverage.percent, 1), "gaps": len(coverage.gaps)}

    def proofs(self) -> None:
        """What is proved, and what the analysis found; without the solver it says so, and refuses."""
        self._begin("proofs")
        try:
            proofs = prove(self._bundle)
            self._begin("analysis")
            analysis = analyse(self._bundle)
        except MissingExtraError as error:
            self.refused.append(f"proofs: {error}")
            self.parts["proofs"] = {"missing": str(error)}
            return
        if not proofs.proved:
            kept = {"by_rules", "by_guard"}
            broken = [each.invariant.id for each in proofs.invariants if str(each.standing) not in kept]
            self.refused += [f"proofs: the invariant `{each}` is not proved" for each in broken]
            if not proofs.sequences.proved:
                self.refused.append("proofs: a sequence of events leads to a hang-up without a warning")
            self.refused += [
                f"proofs: the solver cannot hold: {each.what}: `{each.fact}`" for each in proofs.unsupported
            ]
        # WHY every finding: a rule that cannot work as it is meant is no reason to trust the others.
        self.refused += [f"analysis: {each.sentence['en']}" for each in analysis.findings]
        self.parts["proofs"] = {
            "invariants": {each.invariant.id: str(each.standing) for each in proofs.invariants},
            "sequences": {"proved": proofs.sequences.proved},
            "unsupported": [f"{each.what}: {each.fact}" for each in proofs.unsupported],
        }
        self.parts["analysis"] = {
            "findings": [
                {"code": each.code, "rules": list(each.rules), "sentence": dict(each.sentence)}
                for each in analysis.findings
            ],
            "unsupported": [f"{each.what}: {each.fact}" for each in analysis.unsupported],
            "unsettled": [
                f"{each.code}: {', '.join(filter(None, (*each.rules, each.subject)))}" for each in analysis.unsettled
            ],
        }


def _crossed_dict(crossed: Crossed) -> dict[str, AnyValue]:
    return {
        "machines": list(crossed.machines),
        "snapshots": crossed.snapshots,
        "conditions": crossed.conditions,
        "disagreements": [list(each) for each in crossed.disagreements],
        "not_cross_checked": dict(crossed.left_out),
    }


def activate(bundle: Bundle, **options: AnyValue) -> Engine:
    """An engine on a bundle on which all matchers agree, on every boundary of every leaf, whatever its store.

    `callpolicy.Engine` looks at that by itself where it records its decisions; this does so in memory too.

    Args:
        bundle: a bundle that could be loaded.
        options: those of `callpolicy.Engine`.

    Raises:
        RuleFileError: the matchers do not agree; the bundle must not go live.
    """
    refuse_disagreement(bundle)
    return Engine(bundle, **options)
