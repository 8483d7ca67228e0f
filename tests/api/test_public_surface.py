"""The public surface is small, listed, typed and documented; whatever is added to it is added here too."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import callpolicy

PUBLIC = {
    "AuditError",
    "Bundle",
    "By",
    "Call",
    "CallEventError",
    "CallpolicyError",
    "Decision",
    "DecisionPoint",
    "Desk",
    "Effect",
    "Engine",
    "Explanation",
    "Finding",
    "Kind",
    "MissingExtraError",
    "Obligation",
    "Outcome",
    "Rule",
    "RuleFileError",
    "Stage",
    "StageResult",
    "StoreError",
    "UnsupportedConditionError",
    "UsageError",
    "__version__",
    "check_bundle",
    "instant",
    "load_bundle",
}
ENGINE = {"bundle", "call", "close", "decide", "explain", "flush", "health", "next_seq", "observe", "store", "why_not"}
DESK = {
    "act", "actor", "allow", "consider", "consider_allowing", "disallow", "lift_entry", "propose", "put", "put_allowed",
    "store", "tell_case", "writer",
}  # fmt: skip
CALL = {"call_id", "end", "observe", "offer"}


def test_the_public_surface_is_what_is_listed() -> None:
    assert set(callpolicy.__all__) == PUBLIC
    assert set(dir(callpolicy)) == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC - {"__version__"}))
def test_every_public_name_can_be_had_and_is_documented(name: str) -> None:
    thing = getattr(callpolicy, name)

    assert inspect.getdoc(thing)
    assert (inspect.getdoc(thing) or "").strip() != (inspect.getdoc(object) or "")


@pytest.mark.parametrize(
    ("owner", "names"), [(callpolicy.Engine, ENGINE), (callpolicy.Call, CALL), (callpolicy.Desk, DESK)]
)
def test_the_methods_of_engine_call_and_desk_are_what_is_listed(owner: type, names: set[str]) -> None:
    public = {name for name in dir(owner) if not name.startswith("_")} | (names & {"call_id"})

    assert public == names


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        *((callpolicy.Engine, name) for name in sorted(ENGINE - {"store", "bundle"})),
        *((callpolicy.Desk, name) for name in sorted(DESK - {"store", "writer"})),
    ],
)
def test_every_parameter_of_engine_and_desk_is_typed(owner: type, name: str) -> None:
    method = getattr(owner, name)

    signature = inspect.signature(method)

    assert inspect.getdoc(method)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(each.annotation is not each.empty for each in signature.parameters.values() if each.name != "self")


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute `verdict`"):
        _ = callpolicy.verdict


def test_importing_the_package_loads_none_of_its_heavy_parts() -> None:
    script = (
        "import sys, callpolicy; print([each for each in ('pydantic', 'phonenumbers', 'typer') if each in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"
