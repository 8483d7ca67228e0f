"""Every malformed bundle gives exactly the findings that stand beside it: place, message, code and hint."""

from pathlib import Path

import pytest

from callpolicy.rulefile import read_bundle_files

HERE = Path(__file__).parent
CASES = sorted(path.name for path in (HERE / "malformed").iterdir())


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.y*ml")}


SMALL = files_of(HERE / "small")


def told(case: str) -> list[str]:
    bundle, findings = read_bundle_files(SMALL | files_of(HERE / "malformed" / case))
    assert bundle is None
    lines = [line for finding in findings for line in str(finding).splitlines()]
    return [line for line in lines if ": error: " in line or line.startswith("    hint: ")]


def expected_of(case: str) -> list[str]:
    return (HERE / "malformed" / case / "expected.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("case", CASES)
def test_a_malformed_file_is_told_at_its_place_with_its_code_and_hint(case: str) -> None:
    assert told(case) == expected_of(case)


def test_there_are_many_kinds_of_malformed_files() -> None:
    lines = [line for case in CASES for line in expected_of(case)]
    codes = {line.rpartition("[")[2] for line in lines if line.endswith("]")}

    assert len(CASES) >= 60
    assert len(codes) >= 40
