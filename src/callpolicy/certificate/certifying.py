"""The certificate of a bundle: what was checked, tried, proved and covered, by which version, over which revision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any as AnyValue
from typing import Final

import orjson

from callpolicy import __version__
from callpolicy.analysis.findings import analyse
from callpolicy.analysis.proving import prove
from callpolicy.certificate.words import CHINESE, ENGLISH, STEP_WORDS, both
from callpolicy.check import check_bundle
from callpolicy.coverage import cover
from callpolicy.errors import Finding, MissingExtraError, Severity
from callpolicy.instants import instant_text
from callpolicy.policy import Bundle
from callpolicy.reports.finding_words import finding_in_words, in_chinese
from callpolicy.runtime import Engine
from callpolicy.runtime.crossing import Crossed, cross, disagreement_text, refuse_disagreement
from callpolicy.trials import differences_found, run_scenarios, try_examples

FORMAT: Final = 1
"""Version of the form of a certificate."""

STEPS: Final = ("check", "examples", "scenarios", "matchers", "coverage", "proofs", "analysis")
"""What is done for a certificate, in order."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a bundle must not go live.

    Args:
        step: the step that found it, one of `STEPS`.
        sentence: what is wrong, in one line per language.
    """

    step: str
    sentence: Mapping[str, str] = field(hash=False)

    def told(self, language: str = ENGLISH) -> str:
        """The step and what it found, in one line: `zh-CN` for Chinese, else English."""
        sentence = self.sentence.get(language) or self.sentence[ENGLISH]
        return f"{STEP_WORDS[self.step]}：{sentence}" if language == CHINESE else f"{self.step}: {sentence}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was found out of a bundle before it goes live.

    Args:
        revision: of the bundle.
        at: when, in microseconds.
        refusals: why the bundle must not go live; empty if it may.
        parts: what each step came to, by its name, as plain values.
        version: of callpolicy.
    """

    revision: str
    at: int
    refusals: tuple[Refusal, ...]
    parts: dict[str, dict[str, AnyValue]] = field(hash=False)
    version: str = __version__

    @property
    def passed(self) -> bool:
        """Whether the bundle may go live."""
        return not self.refusals

    @property
    def refused(self) -> tuple[str, ...]:
        """Why the bundle must not go live, one English line each; empty if it may."""
        return tuple(each.told() for each in self.refusals)

    def to_dict(self, language: str = ENGLISH) -> dict[str, AnyValue]:
        """The certificate as plain values.

        Args:
            language: of the reasons why the bundle is refused: `zh-CN` for Chinese, else English.
        """
        return {
            "format": FORMAT,
            "callpolicy": self.version,
            "revision": self.revision,
            "at": instant_text(self.at),
            "passed": self.passed,
            "refused": [each.told(language) for each in self.refusals],
            **self.parts,
        }

    def to_json(self, language: str = ENGLISH) -> bytes:
        """The certificate as JSON with sorted keys.

        Args:
            language: as in `to_dict`.
        """
        return orjson.dumps(self.to_dict(language), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


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
    made.check(today)
    made.examples()
    made.scenarios()
    made.matchers()
    made.coverage()
    made.proofs()
    return Certificate(bundle.revision, at, tuple(made.refusals), made.parts)


class _Making:
    def __init__(self, bundle: Bundle, on_step: Callable[[str], None] | None) -> None:
        self._bundle = bundle
        self._on_step = on_step
        self.refusals: list[Refusal] = []
        self.parts: dict[str, dict[str, AnyValue]] = {}

    def _begin(self, step: str) -> None:
        if self._on_step:
            self._on_step(step)

    def _refuse(self, step: str, sentence: Mapping[str, str]) -> None:
        self.refusals.append(Refusal(step, sentence))

    def check(self, today: date) -> None:
        """What is wrong with the bundle as written; an error refuses."""
        self._begin("check")
        findings = check_bundle(self._bundle, today=today)
        self._findings("check", findings, [finding_in_words(each, CHINESE) for each in findings])

    def examples(self) -> None:
        """The examples; one that fails refuses."""
        self._begin("examples")
        self._findings("examples", try_examples(self._bundle), try_examples(self._bundle, CHINESE))

    def scenarios(self) -> None:
        """The scenarios; one that fails refuses."""
        self._begin("scenarios")
        outcomes = [*run_scenarios(self._bundle, self._bundle.scenarios)]
        english, chinese = (
            [finding for outcome in outcomes for finding in differences_found(outcome, language)]
            for language in (ENGLISH, CHINESE)
        )
        self._findings("scenarios", english, chinese)

    def _findings(self, step: str, english: Sequence[Finding], chinese: Sequence[Finding]) -> None:
        """Write down what was found; the same findings stand in both languages."""
        for finding, told in zip(english, chinese, strict=True):
            if finding.severity is Severity.ERROR:
                self._refuse(step, {ENGLISH: finding.message, CHINESE: told.message})
        severities = [finding.severity for finding in english]
        errors, warnings = severities.count(Severity.ERROR), severities.count(Severity.WARNING)
        self.parts[step] = {"errors": errors, "warnings": warnings}

    def matchers(self) -> None:
        """The matchers against each other; one that disagrees refuses."""
        self._begin("matchers")
        crossed = cross(self._bundle)
        for each in crossed.disagreements:
            message = disagreement_text(*each)
            self._refuse("matchers", {ENGLISH: message, CHINESE: in_chinese(message)})
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
            self._refuse("proofs", both("missing", why=str(error), extra=error.extra))
            self.parts["proofs"] = {"missing": str(error)}
            return
        if not proofs.proved:
            kept = {"by_rules", "by_guard"}
            for proof in proofs.invariants:
                if str(proof.standing) not in kept:
                    self._refuse("proofs", both("not_proved", id=proof.invariant.id))
            if not proofs.sequences.proved:
                self._refuse("proofs", both("no_warning"))
            for unsupported in proofs.unsupported:
                self._refuse("proofs", both("cannot_hold", what=unsupported.what, fact=unsupported.fact))
        # WHY every finding: a rule that cannot work as it is meant is no reason to trust the others.
        for found in analysis.findings:
            self._refuse("analysis", found.sentence)
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
