"""Subjects of every kind over a few identities, all of which can be tried; some of them are no canonical numbers."""

from __future__ import annotations

from hypothesis import strategies as st

from callpolicy.identity import Identity, IdentityKind
from callpolicy.lists import Entry, ListName, Subject

_DIGITS = "019"
_TWO = [one + two for one in _DIGITS for two in _DIGITS]
_THREE = [two + one for two in _TWO for one in _DIGITS]
_ALIKE = [
    ["+" + each for each in _DIGITS],
    ["+" + each for each in _TWO],
    ["+" + each for each in _THREE],
    ["CN:" + each for each in _TWO],
    ["\\:" + each for each in _TWO],
    ["\0\ud800:" + each for each in _TWO],
]
"""Numbers of one form and length."""
_ODD = ["", "+", "+0:", "+:0", "+0\0", "+0\\", "+0\u0661", "\ud800", "\0", "\\", "CN:", "CN:0:"]
_VALUES = [*(value for alike in _ALIKE for value in alike), *_ODD]
EVERYBODY = [Identity(kind, value) for kind in IdentityKind for value in _VALUES]


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    match draw(st.sampled_from(["one", "prefix", "range"])):
        case "prefix":
            value = draw(st.sampled_from([each for each in _VALUES if each]))
            return Subject(Identity(IdentityKind.NUMBER, value), prefix=True)
        case "range":
            alike = draw(st.sampled_from(_ALIKE))
            first, last = sorted([draw(st.sampled_from(alike)), draw(st.sampled_from(alike))])
            return Subject(Identity(IdentityKind.NUMBER, first), last=last)
        case _:
            return Subject(draw(st.sampled_from(EVERYBODY)))


def block(subject: Subject) -> Entry:
    return Entry(
        entry_id="b1",
        on=ListName.BLOCKLIST,
        identity=subject.identity,
        prefix=subject.prefix,
        last=subject.last,
        since=0,
        until=None,
        reason="test",
        owner="qa",
    )
