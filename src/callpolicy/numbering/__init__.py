"""Telephone numbers: what a switch or a file shows becomes one canonical identity, with the raw text kept.

The same line has the same canonical value however it is written: national, with `+` or an international
prefix, with full-width digits, as a `tel:` or `sip:` address, behind an IP-call prefix, with an extension.
What is no number has no canonical value, and says why: withheld, missing or unparsable.

>>> parse_number("０１０－８８８８　００００ 转 801", region="CN").canonical
'+861088880000'
>>> parse_number('"Reception" <sip:+44%2020%207946%200123@sip.example;user=phone>', region="CN").canonical
'+442079460123'
>>> parse_number("anonymous@anonymous.invalid", region="CN").status.value
'withheld'
"""

from callpolicy.numbering.number import LineType, Number, NumberStatus, digits_of, mask_number, read_beginning
from callpolicy.numbering.parsing import is_region, parse_number
from callpolicy.numbering.services import service_code

__all__ = [
    "LineType",
    "Number",
    "NumberStatus",
    "digits_of",
    "is_region",
    "mask_number",
    "parse_number",
    "read_beginning",
    "service_code",
]
