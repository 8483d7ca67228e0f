"""What reading a number leaves in the process."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat

from callpolicy.numbering import parse_number
from callpolicy.numbering.plans import REGIONS, identify


def one_of_each_region() -> list[str]:
    found = [phonenumbers.example_number(region) for region in sorted(REGIONS)]
    return [phonenumbers.format_number(each, PhoneNumberFormat.E164) for each in found if each is not None]


def test_a_centre_that_is_called_from_everywhere_makes_no_pattern_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = one_of_each_region()
    for text in texts:
        parse_number(text, region="CN")
    asked: list[str] = []
    compiled = re.compile

    def noted(pattern: str) -> re.Pattern[str]:
        asked.append(pattern)
        return compiled(pattern)

    monkeypatch.setattr(re, "compile", noted)
    identify.cache_clear()

    canonical = [parse_number(text, region="CN").canonical for text in texts]

    assert len(texts) > 200
    assert canonical == texts
    assert asked == []
