"""Wrong usage and unreadable input: exit code 2, one clear line, never a telephone number, never a traceback."""

from pathlib import Path
from typing import Any

import pytest

from callpolicy.cli import main

NUMBER = "13800138007"
CSV = "call_id,offered_at\nc1,2026-03-02T09:00:00\n"


def lines(result: Any) -> list[str]:
    return str(result.stderr).splitlines()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["wat"], "no such command 'wat'"),
        (["chek"], "did you mean 'check'"),
        (["--json", "check"], "`--json` goes after the command, as in `callpolicy check --json`"),
        (["--mapping", "generic_csv", "replay"], "goes after the command, as in `callpolicy replay --mapping`"),
        (["--jsn", "check"], "no such option: --jsn"),
        (["decide", "--pint", "offered"], "no such option: --pint"),
        (["decide", "--point", "offred"], "'offred' is not one of"),
        (["decide"], "name the decision point"),
        (["decide", "--point", "offered", "--fact", "talk.warnings"], "write `NAME=VALUE`"),
        (["decide", "--point", "offered", "--fact", "talk.warnigs=1"], "did you mean `talk.warnings`?"),
        (["decide", "--point", "offered", "--fact", "talk.warnings=once"], "takes a whole number, not `once`"),
        (["decide", "--point", "offered", "--fact", "talk.quiet_for=2"], "takes a duration such as `2s`"),
        (["decide", "--point", "offered", "--fact", "caller.withheld=yes"], "takes `true` or `false`"),
        (["decide", "--point", "offered", "--fact", "call.channel=fax"], "takes one of `phone`, `chat`, `mail`"),
        (["decide", "--point", "offered", "--at", "yesterday"], "`yesterday` is not an instant"),
        (["decide", "--point", "offered", "--at", "2026-03-02T09:00:00"], "with a zone"),
        (["decide", "--point", "offered", "--facts", "no-such.json"], "`no-such.json` is not there"),
        (["decide", "--point", "offered", "--rules", "no-such-norm"], "`no-such-norm` is not there"),
        (["explain"], "say what to explain"),
        (["explain", "--scenario", "warned_then_hung_pu"], "did you mean `warned_then_hung_up`?"),
        (["explain", "--scenario", "warned_then_hung_up", "--step", "9"], "has 5 steps, not 9"),
        (["explain", "--point", "in_call", "--why-not", "abuse_persist"], "did you mean `abuse_persists`?"),
        (["explain", "--point", "offered", "--why-not", "abuse_persists"], "which `offered` does not have"),
        (["scenario", "warned"], "there is no scenario `warned`"),
        (["replay", "no-such.csv", "--mapping", "generic_csv"], "`no-such.csv` is not there"),
        (["replay"], "missing argument"),
        (["mappings", "show", "generic_cvs"], "did you mean `generic_csv`?"),
        (["schema", "ruel"], "did you mean `rule`?"),
        (["protected", "XX"], "no numbers come along for country `XX`; one of: AU, CA, CN"),
        (["protected", "CHN"], "did you mean `CN`?"),
        (["simulate", "--out", "x.jsonl", "--day", "monday"], "`monday` is not a date"),
        (["replay", "x.jsonl", "--language", "fr"], "'fr' is not one of"),
    ],
)
def test_wrong_usage_is_told_in_one_line_with_exit_code_2(run: Any, norm: Path, words: list[str], told: str) -> None:
    takes_rules = words[0] in {"decide", "explain", "scenario", "replay"} and "--rules" not in words
    result = run(*words, *(["--rules", norm] if takes_rules else []))

    assert result.exit_code == 2
    assert len(lines(result)) == 1
    assert told.lower() in result.stderr.lower()
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("name", "content", "more", "told"),
    [
        ("calls.csv", b"", ["--mapping", "generic_csv"], "is empty"),
        ("calls.csv", b"\x7fELF\0\0\0", ["--mapping", "generic_csv"], "is binary"),
        ("calls.csv", CSV.encode(), [], "say how the columns become events"),
        ("calls.csv", CSV.encode(), ["--mapping", "generic_csv"], "lacks the columns"),
        ("calls.csv", CSV.encode(), ["--mapping", "generic_cvs"], "did you mean `generic_csv`?"),
        ("calls.csv", CSV.encode(), ["--mapping", "calls.csv"], "there is no mapping"),
        ("calls.jsonl", b"", [], "is empty"),
        ("calls.jsonl", b"not json\n", [], "no call could be read"),
        ("calls.jsonl", b'{"event":"offerd"}\n', [], "no call could be read"),
        ("calls.jsonl", b"[]\n", ["--mapping", "generic_csv"], "need no mapping"),
    ],
)
def test_a_file_that_cannot_be_replayed_is_told_in_one_line(
    run: Any, norm: Path, tmp_path: Path, name: str, content: bytes, more: list[str], told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    result = run("replay", path, *more, "--rules", norm)

    assert result.exit_code == 2
    assert len(lines(result)) == 1
    assert told in result.stderr


def test_a_folder_is_no_file(run: Any, norm: Path, tmp_path: Path) -> None:
    for words in (
        ["replay", tmp_path, "--mapping", "generic_csv"],
        ["decide", "--point", "offered", "--facts", tmp_path],
    ):
        result = run(*words, "--rules", norm)

        assert result.exit_code == 2
        assert "is a folder; name a file" in result.stderr


def test_a_file_is_no_norm(run: Any, norm: Path) -> None:
    result = run("check", norm / "policy.yaml")

    assert result.exit_code == 2
    assert "is a file, not the folder of a norm" in result.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "is not JSON"),
        (b"[]", "one JSON object"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b'{"a.b": 1}', "no fact `a.b`"),
    ],
)
def test_facts_that_cannot_be_read_are_told(run: Any, norm: Path, tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "facts.json"
    path.write_bytes(content)

    result = run("decide", "--point", "offered", "--facts", path, "--rules", norm)

    assert result.exit_code == 2
    assert told in result.stderr
    assert len(lines(result)) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["decide", "--point", "offered", "--fact", f"call.number={NUMBER}"],
        ["decide", "--point", "offered", "--fact", f"talk.warnings={NUMBER[:3]} {NUMBER[3:]}x"],
        ["decide", "--point", "offered", "--fact", NUMBER],
        ["decide", "--point", "offered", "--facts", f"{NUMBER}.json"],
        ["decide", "--point", NUMBER],
        ["explain", "--scenario", NUMBER],
        ["explain", "--point", "offered", "--why-not", f"+{NUMBER}"],
        ["replay", f"{NUMBER}.jsonl"],
        ["scenario", NUMBER],
        ["check", f"norm-{NUMBER}"],
        [NUMBER],
    ],
)
def test_no_message_repeats_a_telephone_number(run: Any, norm: Path, words: list[str]) -> None:
    result = run(*words, *([] if words[0] in {"check", NUMBER} else ["--rules", norm]))

    assert result.exit_code == 2
    digits = "".join(char for char in result.output if char.isdigit())
    assert NUMBER not in digits
    assert NUMBER[-8:] not in digits


def test_a_norm_that_cannot_be_read_is_unreadable_input_for_other_commands(run: Any, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("name: [\n", encoding="utf-8")

    result = run("decide", "--point", "offered", "--rules", tmp_path)

    assert result.exit_code == 2
    assert "policy.yaml:" in result.stderr


def test_a_bug_of_ours_is_exit_code_3_and_one_line_without_traceback(
    run: Any, norm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("value of a caller")

    monkeypatch.setattr("callpolicy.cli.inputs.norm_folder", broken)

    result = run("decide", "--point", "offered", "--rules", norm)
    shown = run("decide", "--point", "offered", "--rules", norm, "--debug")

    assert result.exit_code == 3
    assert len(lines(result)) == 1
    assert "this is a bug of callpolicy" in result.stderr
    assert "`--debug`" in result.stderr
    assert "value of a caller" not in result.stderr
    assert shown.exit_code == 3
    assert "Traceback" in shown.stderr


def test_main_returns_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert main(["wat"]) == 2
    assert main(["scenario", "no_such_scenario"]) == 2
    assert capsys.readouterr().out.startswith("callpolicy ")


COMMANDS = [
    "allow",
    "analyse",
    "audit",
    "block",
    "brief",
    "card",
    "case",
    "certify",
    "check",
    "cover",
    "decide",
    "demo",
    "diff",
    "explain",
    "facts",
    "init",
    "mappings",
    "mutate",
    "new",
    "protected",
    "prove",
    "replay",
    "scenario",
    "schema",
    "simulate",
    "store",
    "test",
    "version",
    "what-if",
]
# They have commands of their own, whose help has the examples.
GROUPS = {"allow", "audit", "block", "case", "mappings", "new", "store"}


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in GROUPS])
def test_the_help_of_every_command_shows_an_example(run: Any, command: str) -> None:
    result = run(command, "--help")

    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert f"  callpolicy {command}" in result.stdout
    assert "--json" in result.stdout


def test_the_help_lists_every_command_and_no_more(run: Any) -> None:
    result = run("--help")

    listed = result.stdout.partition("Commands:")[2].split("\n")
    assert sorted(line.split()[0] for line in listed if line.startswith("  ") and line.split()) == COMMANDS
    assert "…" not in result.stdout
    assert "..." not in result.stdout.partition("Commands:")[2]


def test_no_command_at_all_shows_the_help(run: Any) -> None:
    assert run().stdout == run("--help").stdout
