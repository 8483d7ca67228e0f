"""A record as a line and back, the personal part beside it, and what is refused."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpolicy.audit import (
    Anchor,
    AuditRecord,
    Chain,
    Draft,
    Head,
    Keys,
    act_draft,
    canonical,
    canonical_bytes,
    from_line,
    is_sound,
    part_from_line,
    part_to_line,
    to_line,
    verify,
    whole_body,
)
from callpolicy.audit.record import beginning
from callpolicy.errors import AuditError
from callpolicy.instants import LATEST
from tests.audit.test_canonical import TREES
from tests.audit.trails import KEYS, START, resealed, salt, trail

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
SECTIONS = st.dictionaries(st.sampled_from(["act", "facts", "规则"]), st.dictionaries(NAMES, TREES, max_size=3))
DRAFTS = st.builds(
    Draft, at=st.integers(0, LATEST), kind=st.sampled_from(["act", "decision", "head"]), subject=NAMES, body=SECTIONS,
    personal=SECTIONS.map(lambda body: {section: items for section, items in body.items() if items}),
)  # fmt: skip
RECORDS, ANCHOR, PARTS = trail(1)
RECORD = RECORDS[0]


def test_a_record_is_the_canonical_json_that_is_documented() -> None:
    # Written out by hand: the keys in their order, no blanks.
    first = hashlib.sha256(b'{"format":1,"writer":"ivr-1"}').hexdigest()
    text = (
        '{"at":"1970-01-01T00:00:05.000000Z","body":{"act":{"act":"confirm","by":"u17","term":"day"}},"format":1,'
        f'"kind":"act","number":0,"previous":"sha256:{first}","subject":"block-7","writer":"ivr-1"}}'
    )
    digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    draft = act_draft("confirm", "u17", "block-7", 5_000_000, details={"term": "day"})
    record = Chain.begin("ivr-1").append(draft).record

    assert canonical_bytes(record).decode() == text
    assert record.digest == digest
    assert to_line(record).decode() == text.replace('"format"', f'"digest":"{digest}","format"')


@given(DRAFTS, NAMES, st.integers(0, 1 << 40))
def test_every_record_and_its_part_come_back_from_their_lines(draft: Draft, writer: str, number: int) -> None:
    chain = Chain(Head(writer, number - 1, beginning(writer)))
    appended = chain.append(draft, keys=KEYS, salt=salt(number))
    line = to_line(appended.record)

    assert chain.append(draft, keys=KEYS, salt=salt(number)) == appended
    assert from_line(line) == appended.record
    assert to_line(from_line(line)) == line
    assert is_sound(from_line(line))
    assert b"\n" not in line
    assert orjson.loads(line)["number"] == number
    assert (appended.part is None) is (not draft.personal)
    if appended.part is not None:
        assert part_from_line(part_to_line(appended.part)) == appended.part


@given(DRAFTS)
def test_the_personal_part_gives_back_exactly_what_was_set_apart(draft: Draft) -> None:
    _, record, part = Chain.begin("w").append(draft, keys=KEYS, salt=salt(0))
    whole = {section: dict(items) for section, items in draft.body.items()}
    for section, items in draft.personal.items():
        whole.setdefault(section, {}).update(items)

    body = whole_body(record, part, KEYS)

    # Numbers are compared as they are written: 1 and 1.0 are one number in JSON.
    assert canonical(body) == canonical(whole)  # type: ignore[arg-type]  # WHY: a body is a tree of named sections
    assert (whole_body(record, None, KEYS) is None) is bool(draft.personal)


@pytest.mark.parametrize("index", range(len(PARTS)))
def test_a_part_that_was_changed_or_is_of_another_record_or_secret_is_refused(index: int) -> None:
    part = PARTS[index]
    record = next(each for each in RECORDS if (each.writer, each.number) == (part.writer, part.number))
    other = next(each for each in PARTS if each != part)
    middle = len(part.sealed) // 2
    turned = "A" if part.sealed[middle] != "A" else "B"

    assert whole_body(record, part, KEYS) is not None
    for wrong, keys in (
        (other, KEYS),
        (replace(part, salt=other.salt), KEYS),
        (replace(part, sealed=other.sealed), KEYS),
        (replace(part, sealed=part.sealed[:middle] + turned + part.sealed[middle + 1 :]), KEYS),
        (replace(part, sealed=""), KEYS),
        (replace(part, sealed="…"), KEYS),
        (replace(other, writer=part.writer, number=part.number), KEYS),
        (part, Keys.of(b"another secret of another centre")),
    ):
        with pytest.raises(AuditError):
            whole_body(record, wrong, keys)


def test_a_part_sealed_anew_by_whoever_has_the_secret_is_not_what_the_record_commits_to() -> None:
    part = PARTS[0]
    record = next(each for each in RECORDS if (each.writer, each.number) == (part.writer, part.number))
    raw = bytes.fromhex(part.salt)
    forged = KEYS.seal({"act": {"number": "+12125550199"}}, raw, f"{part.number} {part.writer}".encode())

    with pytest.raises(AuditError, match="commits to"):
        whole_body(record, replace(part, sealed=forged), KEYS)


def test_without_the_salt_the_secret_itself_does_not_lead_back_from_a_commitment() -> None:
    tree: Any = {"act": {"number": "+12125550142"}}

    assert KEYS.commit(tree, salt(1)) != KEYS.commit(tree, salt(2))
    assert KEYS.commit(tree, salt(1)) == KEYS.commit(tree, salt(1))


def test_the_same_values_are_sealed_differently_in_every_record_even_under_one_salt() -> None:
    tree: Any = {"act": {"number": "+12125550142"}}

    one, other = (base64.b64decode(KEYS.seal(tree, salt(1), name)) for name in (b"1 a", b"2 a"))

    assert one[:16] != other[:16]
    assert one[16:] != other[16:]


def test_what_is_sealed_is_read_under_its_own_name_and_salt_only_and_only_whole() -> None:
    tree: Any = {"act": {"number": "+12125550142"}}
    sealed = KEYS.seal(tree, salt(1), b"1 a")
    raw = base64.b64decode(sealed)
    turned = base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()

    assert KEYS.unseal(sealed, salt(1), b"1 a") == tree
    for text, own_salt, name in ((sealed, salt(1), b"2 a"), (sealed, salt(2), b"1 a"), (turned, salt(1), b"1 a")):
        with pytest.raises(AuditError, match="was changed"):
            KEYS.unseal(text, own_salt, name)
    with pytest.raises(AuditError, match="that of another record"):
        whole_body(next(each for each in RECORDS if each.names), replace(PARTS[0], number=PARTS[0].number + 1), KEYS)


def test_keys_of_different_purposes_are_different_and_are_never_shown() -> None:
    assert len({KEYS.commitment, KEYS.sealing, KEYS.tag, KEYS.pseudonym}) == 4
    assert KEYS.sealing.hex() not in repr(KEYS)
    assert repr(KEYS.sealing) not in repr(KEYS)
    with pytest.raises(AuditError, match="shorter than 16 bytes"):
        Keys.of(b"fifteen bytes..")


def changed(**fields: Any) -> bytes:
    return canonical(orjson.loads(to_line(RECORD)) | fields)


DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("line", "place"),
    [
        (b"", "line 3: not JSON"),
        (b"[]", "line 3: no JSON object"),
        (b"{}", "line 3: `at` is missing"),
        (changed(more=1), "line 3: it has a key that is not known"),
        (changed(format=2), "line 3: `format` is not 1"),
        (changed(format=True), "line 3: `format` is not 1"),
        (changed(at=5), "line 3: `at` is no instant"),
        (changed(at="1970-01-01T00:00:05Z"), "line 3: `at` is no instant"),
        (changed(at="+12125550142"), "line 3: `at` is no instant"),
        (changed(at="1969-12-31T23:59:59.999999Z"), "line 3: `at` is no instant"),
        (changed(number=-1), "line 3: `number` is not a whole number"),
        (changed(number=0.5), "line 3: `number` is not a whole number"),
        (changed(number=True), "line 3: `number` is not a whole number"),
        (changed(writer=""), "line 3: `writer` is not a name"),
        (changed(writer="w" * 513), "line 3: `writer` is not a name"),
        (changed(subject=None), "line 3: `subject` is not a name"),
        (changed(kind="An Act"), "line 3: `kind` is not a word"),
        (changed(previous="sha256:0"), "line 3: `previous` is not a digest"),
        (changed(digest=DIGEST.upper()), "line 3: `digest` is not a digest"),
        (changed(digest=DIGEST + "\n"), "line 3: `digest` is not a digest"),
        (changed(body=[]), "line 3: `body` is not an object"),
        (changed(body={"act": 1}), "line 3: `body` is not made of sections"),
        (changed(body={"personal": {"names": []}}), "line 3: `body.personal` is not names"),
        (changed(body={"personal": {"names": ["b", "a"], "commitment": None}}), "line 3: `body.personal` is not names"),
        (changed(body={"personal": {"names": ["a"], "commitment": "x"}}), "line 3: `body.personal` is not names"),
        (changed(body={"act": {"n": 1.5}}).replace(b"1.5", b"1e300"), "line 3: `body.act.n` is a number"),
        (changed(body={"act": {"n": 1.5}}).replace(b"1.5", b"1e400"), "line 3: not JSON"),
        (to_line(RECORD).replace(b'"n":0', b'"n":9007199254740992'), "line 3: `body.act.n` is a number"),
        (to_line(RECORD) + b"\n", "line 3: not in canonical form"),
        (b" " + to_line(RECORD), "line 3: not in canonical form"),
    ],
)  # fmt: skip
def test_what_is_no_record_is_refused_by_its_place(line: bytes, place: str) -> None:
    with pytest.raises(AuditError) as caught:
        from_line(line, "line 3")

    assert str(caught.value).startswith(place)
    assert "555" not in str(caught.value)


@given(st.binary(max_size=60) | TREES.map(canonical))
def test_rubbish_is_refused_and_nothing_else_happens(data: bytes) -> None:
    for read in (from_line, part_from_line, Anchor.from_json):
        with pytest.raises(AuditError):
            read(data)


@pytest.mark.parametrize(
    ("draft", "wanted"),
    [
        (Draft(at=-1, kind="act", subject="x", body={}), "`at`"),
        (Draft(at=LATEST + 1, kind="act", subject="x", body={}), "`at`"),
        (Draft(at=0, kind="", subject="x", body={}), "`kind`"),
        (Draft(at=0, kind="act", subject="", body={}), "`subject`"),
        (Draft(at=0, kind="act", subject="\ud800", body={}), "`subject`"),
        (Draft(at=0, kind="act", subject="x", body={"personal": {}}), "`personal`"),
        (Draft(at=0, kind="act", subject="x", body={"act": {"n": float("nan")}}), "`act.n`"),
        (Draft(at=0, kind="act", subject="x", body={}, personal={"act": {"n": float("inf")}}), "`act.n`"),
    ],
)
def test_what_cannot_be_written_is_refused_and_the_chain_stays_as_it_is(draft: Draft, wanted: str) -> None:
    chain = Chain.begin("w")

    with pytest.raises(AuditError, match=wanted):
        chain.append(draft, keys=KEYS, salt=salt(0))

    assert chain == Chain.begin("w")


def test_a_salt_that_is_too_short_stops_the_write_of_what_is_personal_only() -> None:
    chain = Chain.begin("w")

    assert chain.append(act_draft("lift", "u1", "b", 0), keys=KEYS).part is None
    with pytest.raises(AuditError, match="salt"):
        chain.append(act_draft("lift", "u1", "b", 0, personal={"reason": "x"}), keys=KEYS, salt=bytes(15))


def test_without_a_secret_personal_values_are_masked_for_good() -> None:
    draft = act_draft("lift", "u1", "b", 0, personal={"reason": "the caller of +12125550142 wrote a letter"})
    _, record, part = Chain.begin("w").append(draft)

    assert part is None
    assert (record.names, record.commitment) == (("act/reason",), None)
    assert whole_body(record, None, KEYS) is None
    assert b"letter" not in to_line(record)


def test_an_anchor_comes_back_from_its_json_and_is_refused_if_it_was_changed() -> None:
    data = ANCHOR.to_json()

    assert Anchor.from_json(data) == ANCHOR
    assert Anchor.from_json(data + b"\n") == ANCHOR
    assert ANCHOR.digest.encode() in data
    assert Anchor.of(ANCHOR.at, reversed(ANCHOR.heads)) == ANCHOR
    for at in range(0, len(data), 3):
        with pytest.raises(AuditError, match="anchor"):
            Anchor.from_json(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    head = ANCHOR.heads[0]
    with pytest.raises(ValueError, match="once"):
        Anchor.of(0, [head, replace(head, number=head.number + 1)])


def test_a_changed_record_is_not_sound_until_its_digest_is_made_anew() -> None:
    changed_record: AuditRecord = replace(RECORD, at=START - 1)

    assert is_sound(RECORD)
    assert not is_sound(changed_record)
    assert is_sound(resealed(changed_record))
    assert not is_sound(replace(RECORD, body={"act": {"x": float("nan")}}))
    assert not is_sound(replace(RECORD, at=LATEST + 1))


def test_erasing_every_personal_part_leaves_the_trail_as_it_was() -> None:
    before = verify(RECORDS, ANCHOR, closed=True)
    bodies = [whole_body(record, None, KEYS) for record in RECORDS if record.names]

    assert before == ()
    assert len(bodies) == len(PARTS) > 3
    assert set(map(str, bodies)) == {"None"}
    assert not any(b"+1212" in to_line(record) for record in RECORDS)
