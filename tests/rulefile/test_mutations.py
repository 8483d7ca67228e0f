"""Whatever bytes stand in the files: a bundle, or findings with places. Nothing else, and no telephone number."""

import re

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from callpolicy.rulefile import read_bundle_files
from tests.rulefile.test_malformed import SMALL

NAMES = sorted(SMALL)
PIECES = [
    b"{", b"}", b"[", b"]", b":", b": ", b",", b"-", b"- ", b"\n", b"  ", b"\t", b"#", b"'", b'"', b"&a ", b"*a",
    b"!!x ", b"|", b">", b"? ", b"%", b"---", b"\x00", b"\xff", b"\xe4\xbd", "你".encode(), "\u2028".encode(),
    b"null", b"true", b"yes", b"1", b"-1", b"1.5", b"9" * 30, b"13800138000", b".nan", b".inf", b"2s", b"[]", b"{}",
    b"all", b"any", b"not", b"is", b"in", b"between", b"known", b"fact", b"talk.warnings", b"{talk.warnings}", b"{x}",
    b"caller.class", b"\\ud800", b'"\\0"', b"effects", b"2026-03-02T09:00:00+08:00", b"0000-00-00", b"9999w",
    b"id", b"when", b"then", b"do", b"with", b"expect", b"facts", b"steps", b"calls", b"class", b"\\", b"\r",
    b"\xef\xbb\xbf", b"a: " * 50,
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    name = draw(st.sampled_from(NAMES))
    data = SMALL[name]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 12))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=3))
        other = SMALL[draw(st.sampled_from(NAMES))]
        begin = draw(st.integers(0, len(other)))
        moved = draw(st.just(b"") | st.just(other[begin : begin + draw(st.integers(0, 40))]))
        data = data[:at] + piece + moved + data[at + cut :]
    return name, data


LONE_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | st.sampled_from(["a", "fact", "2s", "yes", "{x}", ""]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "all",
                    "any",
                    "not",
                    "talk.warnings",
                    "is",
                    "in",
                    "fact",
                    "en",
                    "a",
                    "expect",
                    "facts",
                    "with",
                    "effect",
                    "0",
                ]
            ),
            below,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def told_soundly(files: dict[str, bytes]) -> None:
    bundle, findings = read_bundle_files(files)

    assert (bundle is None) == bool(findings)
    for finding in findings:
        assert finding.span is not None
        assert finding.span.line >= 1
        assert finding.span.col >= 1
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", finding.code)
        for line in (finding.message, finding.hint, finding.excerpt):
            assert "\n" not in line
            assert "\r" not in line
        assert finding.message[:1] == finding.message[:1].lower()
        assert "138 0013" not in str(finding)
        assert "13800138000" not in str(finding)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
@example(("policy.yaml", b"standing_block: [" + SMALL["policy.yaml"]))
def test_mutated_bytes_give_a_bundle_or_findings(change: tuple[str, bytes]) -> None:
    name, data = change

    told_soundly(SMALL | {name: data})


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), st.data())
def test_a_value_of_another_shape_gives_findings_and_no_traceback(name: str, data: st.DataObject) -> None:
    lines = SMALL[name].decode().splitlines()
    place = data.draw(st.integers(1, len(lines) - 1))
    key, colon, _ = lines[place].partition(":")
    value = data.draw(LONE_VALUES)
    lines[place] = f"{key}{colon} {_flow(value)}" if colon else f"{lines[place]} {_flow(value)}"

    told_soundly(SMALL | {name: "\n".join(lines).encode()})


def _flow(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case list():
            return f"[{', '.join(map(_flow, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {_flow(each)}' for key, each in value.items())}}}"
        case _:
            return repr(value)


@given(st.sampled_from(NAMES), st.binary(max_size=60))
def test_any_bytes_in_any_kind_of_file_give_findings(name: str, data: bytes) -> None:
    told_soundly(SMALL | {name: data})
