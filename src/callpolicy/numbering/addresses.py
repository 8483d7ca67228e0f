"""Addresses of SIP and tel: what stands in a header, reduced to the telephone subscriber in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from callpolicy.numbering.cleaning import clean, is_withheld


@dataclass(frozen=True, slots=True)
class Address:
    """The part of an address that may be a telephone number.

    Args:
        subscriber: cleaned text, empty if the address can hold no number.
        extension: digits of the parameter `ext`, if there is one.
        anonymous: whether the address says that the caller is not to be known.
    """

    subscriber: str
    extension: str | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """The addresses of one header text, in order, and the name that is displayed with them."""

    display: str
    addresses: tuple[Address, ...]


# Source: RFC 3261 section 25.1 (name-addr, addr-spec, quoted-string), RFC 3966 section 3 (tel).
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ANGLE: Final = re.compile(r"<([^<>]*)>")
_SCHEME: Final = re.compile(r"(sips?|tel|callto):/{0,2}", re.IGNORECASE)
_OTHER_SCHEME: Final = re.compile(r"(?:mailto|xmpp|im|pres|https?|h323|urn):", re.IGNORECASE)
_ADDRESS_LITERAL: Final = re.compile(r"\[[0-9a-f:.]+\]|\d{1,3}(?:\.\d{1,3}){3}", re.IGNORECASE)
_ONLY_DIGITS: Final = re.compile(r"\+?[\d().\-]+", re.ASCII)
_EXTENSION: Final = re.compile(r"\d{1,15}", re.ASCII)
_GLOBAL_PREFIX: Final = re.compile(r"\+[\d().\-]+", re.ASCII)
_SEPARATORS: Final = re.compile(r"[-.() ]")
_NO_NUMBER: Final = Address("")


def read_header(text: str) -> Header | None:
    """Read a cleaned text as a header value or an address.

    Args:
        text: what the switch gave, for example `"Name" <sip:+12125550142@host>;tag=1`.

    Returns:
        None if the text is no address at all and must be read as plain text.
    """
    bare = _QUOTED.sub(" ", text)
    inside = _ANGLE.findall(bare)
    if inside:
        quoted = _QUOTED.search(text)
        display = quoted[1] if quoted else text.partition("<")[0].strip()
        return Header(display, tuple(map(_read_address, inside)))
    if _SCHEME.match(text) or _OTHER_SCHEME.match(text) or ("@" in text and " " not in text):
        return Header("", (_read_address(text),))
    return None


def _read_address(text: str) -> Address:
    text = text.strip()
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _read_without_scheme(text)
    rest = text[scheme.end() :]
    if scheme[1].lower() == "tel" or scheme[1].lower() == "callto":
        return _read_subscriber(rest.partition("?")[0])
    return _read_sip(rest)


def _read_without_scheme(text: str) -> Address:
    if _OTHER_SCHEME.match(text):
        return _NO_NUMBER
    user, at, host = text.rpartition("@")
    if not at:
        return _read_subscriber(text)
    address = _read_sip(text)
    # WHY: `13800000000@mail.example` is a mailbox, whoever has it; only a plus or a numeric host shows a line.
    telephone = user.startswith("+") or _ADDRESS_LITERAL.match(host)
    return address if telephone or address.anonymous else _NO_NUMBER


def _read_sip(rest: str) -> Address:
    user, at, host = rest.rpartition("@")
    if not at:
        host_only = rest.partition("?")[0].partition(";")[0]
        # WHY: some switches leave the host away; a host name is never digits alone, an IPv4 address is no number.
        is_number = _ONLY_DIGITS.fullmatch(host_only) and not _ADDRESS_LITERAL.fullmatch(host_only)
        return _read_subscriber(host_only) if is_number else Address("", anonymous=is_withheld(host_only))
    # Source: RFC 3323 section 4.1, RFC 3325 section 9.
    if re.split(r"[;:?>]", host, maxsplit=1)[0].lower().rstrip(".") == "anonymous.invalid":
        return Address("", anonymous=True)
    return _read_subscriber(user)


def _read_subscriber(text: str) -> Address:
    """Read `number;parameters` of a tel address, or of the user part of a SIP address. Source: RFC 3966."""
    subscriber, *parameters = text.split(";")
    subscriber = clean(unquote(subscriber.partition(":")[0]))
    values: dict[str, str] = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        values.setdefault(name.strip().lower(), clean(unquote(value)))
    prefix = values.get("phone-context", "")
    if _GLOBAL_PREFIX.fullmatch(prefix) and not subscriber.startswith("+"):
        subscriber = prefix + subscriber
    extension = _SEPARATORS.sub("", values.get("ext", ""))
    return Address(
        subscriber,
        extension if _EXTENSION.fullmatch(extension) else None,
        anonymous=len(subscriber) > 1 and is_withheld(subscriber),
    )
