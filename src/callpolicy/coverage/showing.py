"""Coverage as others read it: ready examples as a rule file takes them, and plain values for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from callpolicy.coverage.model import Coverage, CoveragePoint, PointKind, Share
from callpolicy.policy import Bundle, Example, Rule
from callpolicy.rulefile import print_rule


def closing_yaml(rule: Rule, examples: Sequence[Example], bundle: Bundle) -> str:
    """Examples as they are written under `examples:` of a rule file, two spaces in.

    Args:
        rule: the rule that they are for.
        examples: the examples.
        bundle: its bundle.
    """
    if not examples:
        return ""
    printed = print_rule(replace(rule, examples=tuple(examples)), bundle.catalogue)
    return printed.rpartition("\nexamples:\n")[2]


def coverage_dict(coverage: Coverage, bundle: Bundle, language: str = "en") -> dict[str, Any]:
    """Coverage as plain values for JSON.

    Args:
        coverage: what was measured.
        bundle: the bundle that it was measured of.
        language: of the reasons: `zh-CN` for Chinese, else English.
    """
    return {
        "percent": rounded(coverage.percent),
        "kinds": {str(kind): _share(coverage.share(kind)) for kind in PointKind},
        "rules": {
            rule.id: _share(coverage.share(owner=rule.id))
            for rule in bundle.rules
            if any(point.owner == rule.id for point in coverage.points)
        },
        "points": [_point(point, bundle, language) for point in coverage.points],
        "closing": {
            rule: closing_yaml(bundle.rule(rule), examples, bundle) for rule, examples in coverage.closing.items()
        },
        "revision": bundle.revision,
    }


def rounded(percent: float) -> float:
    """A share with one decimal; what is not whole is never shown as 100.

    >>> rounded(99.99), rounded(100.0)
    (99.9, 100.0)
    """
    return int(percent * 10) / 10


def _share(share: Share) -> dict[str, Any]:
    return {
        "seen": share.seen,
        "gaps": share.gaps,
        "impossible": share.impossible,
        "percent": rounded(share.percent),
    }


def _point(point: CoveragePoint, bundle: Bundle, language: str) -> dict[str, Any]:
    span = point.span
    return {
        "kind": str(point.kind),
        "owner": point.owner,
        "part": point.part,
        "wanted": point.wanted,
        "state": str(point.state),
        "shown_by": point.shown_by,
        "why": point.told(language),
        "closed_by": None
        if point.closing is None
        else {
            "rule": point.closing[0],
            "example": point.closing[1].name,
            "yaml": closing_yaml(bundle.rule(point.closing[0]), (point.closing[1],), bundle),
        },
        "file": span.file if span else None,
        "line": span.line if span else None,
    }
