"""The rule developer's bench: the commands that prove, try and compare rules, with their examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from callpolicy.cli.analyse import analyse
from callpolicy.cli.certify import certify
from callpolicy.cli.cover import cover
from callpolicy.cli.diff import brief, diff
from callpolicy.cli.mutate import mutate
from callpolicy.cli.prove import prove
from callpolicy.cli.run_tests import COMMANDS as TESTS
from callpolicy.cli.what_if import what_if

BENCH: Final[Mapping[str, tuple[Callable[..., None], str, tuple[str, ...]]]] = {
    **TESTS,
    "cover": (
        cover,
        "Measure what examples and scenarios show, and close the gaps.",
        ("callpolicy cover my-norm --fail-under 100", "callpolicy cover my-norm --html coverage.html"),
    ),
    "mutate": (
        mutate,
        "Change a norm a little and see whether anything notices.",
        (
            "callpolicy mutate my-norm --jobs 2 --cache mutants.json",
            "callpolicy mutate --only quiet_after_service --operator threshold",
        ),
    ),
    "prove": (
        prove,
        "Prove the invariants of a norm for every possible call.",
        ("callpolicy prove", "callpolicy prove my-norm --to my-norm/scenarios --json"),
    ),
    "analyse": (
        analyse,
        "Find rules that cannot work as meant, over every possible call.",
        ("callpolicy analyse my-norm", "callpolicy analyse my-norm --json"),
    ),
    "what-if": (
        what_if,
        "Decide again with other facts, or say what leads to an effect.",
        (
            "callpolicy what-if talk.warnings=1 --scenario abuse_on_chat --step 3",
            "callpolicy what-if --to hang_up --scenario abuse_on_chat --step 3",
            "callpolicy what-if talk.warnings=0 --record call-0001#2",
        ),
    ),
    "certify": (
        certify,
        "Find out whether a norm may go live, in one file.",
        ("callpolicy certify my-norm --to certificate.json", "callpolicy certify my-norm --json"),
    ),
    "diff": (
        diff,
        "Show which decisions a change of the norm changes.",
        (
            "callpolicy diff old-norm new-norm",
            "callpolicy diff main HEAD --rules rules",
            "callpolicy diff old-norm new-norm --recorded calls.csv --mapping generic_csv",
        ),
    ),
    "brief": (
        brief,
        "Write one page for team leaders on a change of the norm.",
        ("callpolicy brief old-norm new-norm --language zh-CN", "callpolicy brief main HEAD --to brief.md"),
    ),
}
"""By name: the command, what it does in a line, and how it is called."""
