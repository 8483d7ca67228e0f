"""Telephone numbers that belong to nobody, in the spellings that switches and people use."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

# Source: NANPA (555-0100 to 0199), Ofcom (07700 900 and 020 7946 0), Bundesnetzagentur (030 23125). China keeps none
# for fiction; 138 0013 8xxx is plainly made up.
_RANGES: Final = (
    ("+1", "212 555 01", 2),
    ("+44", "7700 900", 3),
    ("+44", "20 7946 0", 3),
    ("+49", "30 23125", 3),
    ("+86", "138 0013 8", 3),
)
_ODD: Final = ("", "0", "anonymous", "unknown", "restricted", "+", "12", "sip:desk@example.com", "+1 212 555", "９９９")
_SEPARATORS: Final = ("", " ", "-")


@st.composite
def _fictitious(draw: st.DrawFn) -> str:
    country, start, digits = draw(st.sampled_from(_RANGES))
    rest = draw(st.integers(0, 10**digits - 1))
    separator = draw(st.sampled_from(_SEPARATORS))
    prefix = draw(st.sampled_from((country, f"00{country[1:]}" if separator else country)))
    return f"{prefix}{separator}{start.replace(' ', separator)}{rest:0{digits}d}"


def numbers(*, odd: bool = False) -> st.SearchStrategy[str]:
    """Telephone numbers from ranges that are kept for fiction, international, with and without separators.

    Args:
        odd: whether to give texts too that are no number: empty, words, too short, an address.

    Returns:
        a strategy of texts as a switch would give them. It shrinks to `+12125550100`.

    >>> from hypothesis import find
    >>> find(numbers(), lambda number: True)
    '+12125550100'
    """
    plain: st.SearchStrategy[str] = _fictitious()
    return plain | st.sampled_from(_ODD) if odd else plain
