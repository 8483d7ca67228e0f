"""Who is calling: the facts `caller.*` and the identities, from what the switch and the host gave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from callpolicy.events import Offered
from callpolicy.facts import Catalogue, InputFault, Value, accept
from callpolicy.identity import Identity, IdentityKind
from callpolicy.numbering import Number, NumberStatus, parse_number, service_code
from callpolicy.policy import Settings

# WHY these are ruined: a spreadsheet rounded the digits (`1.5E+11`), had no room (`###`) or failed (`#REF!`), a decoder
# lost letters, or a program wrote its word for nothing. Many customers end as the same text, and would be one caller.
_RUINED: Final = re.compile(
    r"[-+]?\d+(?:[.,]\d+)?E[-+]\d+ | [#]+ | [#](?:REF!|VALUE!|N/A|DIV/0!|NAME[?]|NULL!|NUM!)"
    r" | .*[\x00-\x1f\x7f\ud800-\udfff\N{REPLACEMENT CHARACTER}].*"
    r" | [-+]?(?:nan|inf(?:inity)?) | null | none | nil | n/a | undefined | unknown | anonymous | \\N | [-–—?.]+",
    re.IGNORECASE | re.VERBOSE | re.ASCII | re.DOTALL,
)
_NOBODY: Final = re.compile(r"0*", re.ASCII)

UNPARSABLE: Final = "unparsable"


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of who is calling.

    Args:
        values: facts `caller.*`.
        identities: the customer, then the number, as far as they are certain.
        faults: what was given and could not be used.
    """

    values: dict[str, Value]
    identities: tuple[Identity, ...]
    faults: tuple[InputFault, ...]


def read_caller(offered: Offered, settings: Settings, catalogue: Catalogue) -> Caller:
    """Read who is calling.

    A withheld, ruined or missing number and a ruined or missing customer id give no identity, so that what they have
    in common never makes one caller of many.

    Args:
        offered: what the switch and the host gave.
        settings: the region of national numbers and the protected numbers.
        catalogue: the declared facts.
    """
    number, number_fault = _number(offered.number, settings.region)
    customer, customer_fault = read_customer(offered.customer)
    identities: list[Identity] = []
    values: dict[str, Value] = {
        "caller.identified": customer is not None or number.canonical is not None,
        "caller.withheld": number.withheld,
        "caller.number_status": str(number.status),
        "caller.protected": False,
    }
    if customer is not None:
        identities.append(Identity(IdentityKind.CUSTOMER, customer))
        values["caller.customer"] = customer
    if number.canonical is not None:
        identities.append(Identity(IdentityKind.NUMBER, number.canonical))
        values["caller.number"] = number.canonical
        values["caller.line_type"] = str(number.line_type)
        if number.region is not None:
            values["caller.region"] = number.region
        protected = protected_class(number.canonical, settings)
        if protected is not None:
            values["caller.protected"] = True
            values["caller.protected_class"] = protected
    attestation, attestation_fault = accept(catalogue["caller.attestation"], offered.attestation)
    if attestation is not None:
        values["caller.attestation"] = attestation
    codes = {
        "caller.number": number_fault,
        "caller.customer": customer_fault,
        "caller.attestation": attestation_fault,
    }
    return Caller(values, tuple(identities), tuple(InputFault(name, code) for name, code in codes.items() if code))


def read_customer(text: object) -> tuple[str | None, str]:
    """Read a host's id of a customer.

    Args:
        text: what the host gave. `None`, nothing, blanks or zeros say that the customer is not identified.

    Returns:
        the id without blanks around it and an empty code, or `None` and the code of the fault, if there is one.

    >>> read_customer(" 23317001 "), read_customer("0"), read_customer("6.02701E+11")
    (('23317001', ''), (None, ''), (None, 'unparsable'))
    """
    if text is None:
        return None, ""
    if not isinstance(text, str):
        return None, "wrong-type"
    text = text.strip()
    if _NOBODY.fullmatch(text):
        return None, ""
    return (None, UNPARSABLE) if _RUINED.fullmatch(text) else (text, "")


def protected_class(canonical: str, settings: Settings) -> str | None:
    """The protected class of a canonical number, or `None`.

    A service of every city (`12345`) is protected behind each area code; one of a single city only behind its own.
    """
    forms = {canonical, service_code(canonical)}
    return next((name for name, numbers in settings.protected_numbers.items() if forms.intersection(numbers)), None)


def _number(raw: object, region: str) -> tuple[Number, str]:
    if raw is None:
        return Number("", NumberStatus.MISSING), ""
    if not isinstance(raw, str):
        return Number("", NumberStatus.UNPARSABLE), "wrong-type"
    number = parse_number(raw, region=region)
    return number, UNPARSABLE if number.status is NumberStatus.UNPARSABLE else ""
