"""What a test run itself prints: no planted number stands in it, whatever a test does."""

import pytest

from tests.conftest import REPO
from tests.privacy.planted import PLANTED, is_shown

pytest_plugins = ("pytester",)


@pytest.mark.parametrize(
    "body",
    [
        f"print({PLANTED[0]!r})",
        f"sys.stderr.write({PLANTED[49]!r})",
        f"logging.getLogger('x').warning('call from %s', {PLANTED[7]!r})",
        f"raise ValueError({PLANTED[8]!r})",
    ],
    ids=["stdout", "stderr", "log", "traceback"],
)
def test_a_test_that_shows_a_planted_number_fails_and_the_run_does_not_show_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPO))
    pytester.makeconftest("from tests.conftest import pytest_runtest_makereport")
    pytester.makepyfile("import logging, sys\ndef test_it():\n    " + body)

    # WHY a run of its own: what it logs is not what this test logs.
    ran = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    output = ran.stdout.str() + ran.stderr.str()
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    assert "shows a planted number" in output
    assert not is_shown(output)


def test_a_planted_number_is_recognized_however_it_is_written() -> None:
    for number in PLANTED:
        assert all(is_shown(f"x{number.replace(' ', between)}x") for between in (" ", "", "-"))


@pytest.mark.parametrize("number", ["+86 138 0013 8000", "+86 138 0000 5200", "00005100"])
def test_other_numbers_may_be_printed(number: str) -> None:
    assert not is_shown(number)
