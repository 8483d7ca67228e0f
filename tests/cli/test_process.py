"""The command as a process of its own: signals, pipes, full disks, hash seeds, encodings."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calls import abusive, call, write
from tests.cli.conftest import REPO

Start = Callable[..., subprocess.Popen[bytes]]
FEW_BYTES = 4_096


def many(tmp_path: Path, calls: int) -> Path:
    return write(
        tmp_path / "calls.jsonl",
        *(call(f"c{number}", number, f"+86 138 0013 {8000 + number % 100}", *abusive()) for number in range(calls)),
    )


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, (out or b"").decode(), err.decode()


def test_the_exit_code_reaches_the_shell(start: Start, norm: Path) -> None:
    assert finish(start("check", norm))[0] == 0
    assert finish(start("scenario", "no_such_scenario"))[0] == 2
    code, out, err = finish(start("wat"))
    assert (code, out, len(err.splitlines())) == (2, "", 1)


def test_a_pipe_that_is_closed_early_is_silent(start: Start) -> None:
    process = start("schema", "--json")
    assert process.stdout is not None
    assert process.stderr is not None

    process.stdout.read(10)
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 141
    process.stderr.close()


def test_an_interrupted_replay_says_how_far_it_came_and_leaves_no_file(
    start: Start, norm: Path, tmp_path: Path
) -> None:
    record = many(tmp_path, 4_000)
    process = start("replay", record, "--rules", norm, "--decisions", tmp_path / "out.jsonl")
    begin = time.monotonic()
    while not list(tmp_path.glob(".out.jsonl.*.part")) and process.poll() is None and time.monotonic() - begin < 60:
        time.sleep(0.02)

    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)

    assert code == 130
    assert "interrupted after " in err
    assert "of 24000 events; no file was written" in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["calls.jsonl"]


def test_a_disk_that_is_full_is_told_and_what_stood_there_stays(start: Start, norm: Path, tmp_path: Path) -> None:
    record = many(tmp_path, 50)
    out = tmp_path / "out.jsonl"
    out.write_bytes(b"what stood there\n")

    process = start("replay", record, "--rules", norm, "--decisions", out, preexec_fn=few_bytes)
    code, _, err = finish(process)

    assert code == 2
    assert "cannot be written: file too large; nothing was left half written" in err
    assert out.read_bytes() == b"what stood there\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls.jsonl", "out.jsonl"]


def few_bytes() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (FEW_BYTES, FEW_BYTES))


@pytest.mark.parametrize("there", [False, True])
def test_a_norm_for_which_there_is_no_room_is_not_begun(start: Start, tmp_path: Path, there: bool) -> None:
    target = tmp_path / "my-norm"
    if there:
        target.mkdir()

    code, _, err = finish(start("init", target, preexec_fn=few_bytes))

    assert code == 2
    assert "`my-norm` cannot be written: file too large; nothing was left half written" in err
    assert list(tmp_path.rglob("*")) == ([target] if there else [])


@pytest.mark.parametrize("words", [["check", "--json"], ["version"], ["schema", "--json"], ["facts"]])
def test_where_the_answer_cannot_be_written_that_is_told(start: Start, norm: Path, words: list[str]) -> None:
    rules = ["--rules", str(norm)] if words[0] in {"check", "facts"} else []
    with Path("/dev/full").open("wb") as full:
        process = start(*words, *rules, stdout=full)
        code, _, err = finish(process)

    assert (code, err) == (2, "callpolicy: standard output cannot be written: no space left on device\n")


def test_a_case_is_saved_also_where_nobody_reads_on(start: Start, norm: Path, tmp_path: Path) -> None:
    record = many(tmp_path, 3)
    case = tmp_path / "case_a.yaml"
    process = start("replay", record, "--rules", norm, "--save-case", "c1", "--to", case)
    assert process.stdout is not None
    assert process.stderr is not None

    process.stdout.close()

    assert b"a scenario with calls" in process.stderr.read()
    assert process.wait(timeout=60) == 141
    process.stderr.close()
    assert case.is_file()


def test_a_new_file_has_the_rights_of_any_new_file(start: Start, norm: Path, tmp_path: Path) -> None:
    record = many(tmp_path, 1)

    def narrow() -> None:
        os.umask(0o027)

    finish(start("replay", record, "--rules", norm, "--decisions", tmp_path / "out.jsonl", preexec_fn=narrow))

    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o640


def test_the_same_record_gives_the_same_bytes_whatever_the_hash_seed(start: Start, norm: Path, tmp_path: Path) -> None:
    record = many(tmp_path, 40)
    outs = []
    for seed in ("0", "1", "4711"):
        out = tmp_path / f"{seed}.jsonl"
        finish(start("replay", record, "--rules", norm, "--decisions", out, env={"PYTHONHASHSEED": seed}))
        outs.append(out.read_bytes())

    assert outs[0]
    assert outs[0] == outs[1] == outs[2]


def test_a_terminal_without_chinese_characters_costs_nothing_but_their_look(start: Start, norm: Path) -> None:
    code, out, err = finish(
        start("scenario", "--rules", norm, "--language", "zh-CN", env={"PYTHONIOENCODING": "ascii"})
    )

    assert (code, err) == (0, "")
    assert "\\u6302\\u673a" in out


def test_nothing_but_what_was_asked_for_is_on_standard_output(start: Start, norm: Path, tmp_path: Path) -> None:
    record = many(tmp_path, 2)

    _, out, err = finish(start("replay", record, "--rules", norm, "--decisions", tmp_path / "out.jsonl", "--json"))

    assert out.startswith("{\n")
    assert out.endswith("}\n")
    assert err == f"written: {tmp_path / 'out.jsonl'}\n"


def test_the_help_is_there_before_the_heavy_parts_are() -> None:
    probe = "import sys; from callpolicy.cli import main; main(['--help']); print(sorted(sys.modules))"
    process = subprocess.run(
        [sys.executable, "-c", probe],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(REPO / "src")},
    )  # fmt: skip

    loaded = process.stdout.splitlines()[-1]
    for heavy in ("'pydantic'", "'ruamel.yaml'", "'phonenumbers'", "'callpolicy.runtime'", "'callpolicy.rulefile'"):
        assert heavy not in loaded
