"""A bundle on disk: what is read, what is refused, and how a new one begins."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from callpolicy.errors import RuleFileError, UsageError
from callpolicy.rulefile import (
    init_bundle,
    load_bundle,
    load_bundle_files,
    read_bundle,
    read_bundle_files,
    schemas,
    starter_folder,
)
from tests.rulefile.test_malformed import SMALL

REPO = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in SMALL.items():
        path = tmp_path / "norm" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "norm"


def codes(folder: Path) -> list[tuple[str, str]]:
    bundle, findings = read_bundle(folder)
    assert bundle is None
    return [(finding.span.file if finding.span else "", finding.code) for finding in findings]


def test_a_folder_and_its_files_in_memory_are_the_same_bundle(folder: Path) -> None:
    assert load_bundle(folder).revision == load_bundle_files(SMALL).revision


def test_a_link_to_a_file_outside_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_bytes(SMALL["blocklist/burst.yaml"])
    (folder / "blocklist" / "burst.yaml").unlink()
    (folder / "blocklist" / "burst.yaml").symlink_to(tmp_path / "outside.yaml")

    assert codes(folder) == [("blocklist/burst.yaml", "path-escapes")]


def test_a_link_to_a_folder_is_refused_and_not_walked_for_ever(folder: Path) -> None:
    (folder / "screen" / "again").symlink_to(folder)

    assert codes(folder) == [("screen/again", "path-escapes")]


@pytest.mark.parametrize(
    "name", ["../outside.yaml", "/etc/norm.yaml", "hangup/../../x.yaml", "hangup//x.yaml", "a\\b.yaml", "./policy.yaml"]
)
def test_a_path_that_leaves_the_folder_is_refused(name: str) -> None:
    bundle, findings = read_bundle_files(SMALL | {name: SMALL["policy.yaml"]})

    assert bundle is None
    assert [(finding.span.file if finding.span else "", finding.code) for finding in findings] == [
        (name, "path-escapes")
    ]


def test_a_file_that_cannot_be_read_is_a_finding(folder: Path) -> None:
    os.mkfifo(folder / "hangup" / "pipe.yaml")

    assert codes(folder) == [("hangup/pipe.yaml", "unreadable-file")]


@pytest.mark.parametrize("name", ["dir.yaml", "dir.YML"])
def test_a_folder_called_like_a_file_is_a_finding(folder: Path, name: str) -> None:
    (folder / "hangup" / name).mkdir()

    assert codes(folder) == [(f"hangup/{name}", "not-a-file")]


def test_a_file_larger_than_a_mebibyte_is_a_finding(folder: Path) -> None:
    (folder / "hangup" / "huge.yaml").write_bytes(b"#" * ((1 << 20) + 1))

    assert codes(folder) == [("hangup/huge.yaml", "file-too-large")]


def test_more_than_two_thousand_files_are_refused_without_being_read() -> None:
    files = {f"hangup/r{number}.yaml": b"id: x" for number in range(2_000)} | {"policy.yaml": SMALL["policy.yaml"]}

    _, findings = read_bundle_files(files)

    assert [finding.code for finding in findings] == ["too-many-files"]


def test_a_folder_of_very_many_files_is_refused(folder: Path) -> None:
    for number in range(2_001):
        (folder / "hangup" / f"r{number}.yaml").write_bytes(b"")

    assert (".", "too-many-files") in codes(folder)


def test_a_folder_that_is_not_there_is_the_callers_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`none` is no folder"):
        load_bundle(tmp_path / "none")


def test_an_empty_folder_is_no_bundle(tmp_path: Path) -> None:
    assert codes(tmp_path) == [("policy.yaml", "missing-file")]


def test_a_new_bundle_is_a_copy_with_the_schemas_its_files_name(folder: Path, tmp_path: Path) -> None:
    for name, data in SMALL.items():
        (folder / name).write_bytes(data.replace(b"$schema=../../", b"$schema=", 1))
    (folder / "README.md").write_text("not copied")

    init_bundle(tmp_path / "mine", folder)

    assert load_bundle(tmp_path / "mine").revision == load_bundle(folder).revision
    assert {path.name for path in (tmp_path / "mine" / "schemas").iterdir()} == {
        f"{name}.schema.json" for name in schemas()
    }
    for path in (tmp_path / "mine").rglob("*.yaml"):
        named = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / named).is_file(), path
    assert (folder / "policy.yaml").read_bytes() != (tmp_path / "mine" / "policy.yaml").read_bytes()


def test_a_new_bundle_overwrites_nothing(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")

    with pytest.raises(UsageError, match="`mine` is there already and not empty"):
        init_bundle(tmp_path / "mine", folder)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_a_new_bundle_goes_into_an_empty_folder_that_is_there(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir(mode=0o750)

    init_bundle(target, folder)

    assert load_bundle(target).revision == load_bundle(folder).revision
    assert target.stat().st_mode & 0o777 == 0o750
    assert not [path for path in target.iterdir() if path.name.startswith(".")]


def test_a_new_bundle_has_the_rights_of_any_new_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "any").mkdir()

    init_bundle(tmp_path / "deep" / "mine", folder)

    assert (tmp_path / "deep" / "mine").stat().st_mode == (tmp_path / "any").stat().st_mode
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["mine"]


def test_a_new_bundle_is_not_made_from_links(folder: Path, tmp_path: Path) -> None:
    (folder / "more.yaml").symlink_to("/dev/null")

    with pytest.raises(RuleFileError, match="links are not followed"):
        init_bundle(tmp_path / "mine", folder)
    assert not (tmp_path / "mine").exists()


def test_the_starter_norm_is_found_in_a_checkout() -> None:
    assert starter_folder() == REPO / "rules"


def test_a_file_that_is_wrong_in_every_word_is_told_in_seconds() -> None:
    facts = b", ".join(b"talk.no_%d: 1" % number for number in range(20_000))
    rule = SMALL["classify/judged_nuisance.yaml"].replace(b"{talk.judged_class: normal}", b"{%s}" % facts)
    began = time.process_time()

    _, findings = read_bundle_files(SMALL | {"classify/judged_nuisance.yaml": rule})

    assert time.process_time() - began < 20
    assert len(findings) == 1_001
    assert findings[0].code == "too-many-faults"


LOAD = """
import sys, time
from pathlib import Path
from callpolicy.rulefile import load_bundle
for folder in sys.argv[1:]:
    began = time.process_time()
    bundle = load_bundle(Path(folder))
    print(len(bundle.rules), time.process_time() - began)
"""


def write_rules(folder: Path, number: int) -> Path:
    rule = SMALL["hangup/nuisance_persists.yaml"]
    given = b"{caller.class: nuisance, talk.warnings: 1, talk.signals: [insult]}"
    examples = b"".join(b"  - {name: case %d, given: %s, expect: undetermined}\n" % (n, given) for n in range(10))
    files = SMALL | {
        f"hangup/r{each}.yaml": (rule + examples).replace(b"id: nuisance_persists", b"id: r%d" % each)
        for each in range(number)
    }
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(data)
    return folder


def test_five_times_the_rules_take_about_five_times_as_long_to_load(tmp_path: Path) -> None:
    few, many = write_rules(tmp_path / "few", 40), write_rules(tmp_path / "many", 200)

    # WHY a process of its own: here a debugger or the coverage of the tests may stand on every line. WHY the first
    # one twice: what is loaded for the first time takes longer.
    told = subprocess.run(
        [sys.executable, "-c", LOAD, str(few), str(few), str(many)],
        capture_output=True, check=True, text=True, cwd=REPO / "src",
    )  # fmt: skip

    (_, _), (some, seconds), (rules, longer) = (line.split() for line in told.stdout.splitlines())
    assert (int(some), int(rules)) == (44, 204)
    # WHY a ratio: machines differ, and a busy one more; that it grows with the rules and no faster does not.
    assert float(longer) < 15 * float(seconds)
