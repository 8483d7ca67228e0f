"""The built-in facts and the relations that always hold between them, as data."""

from __future__ import annotations

from typing import Final

from callpolicy.condition import Any, FactRef, Leaf, Not, Op
from callpolicy.facts import Catalogue, Fact, FactType, Origin, Privacy, Relation
from callpolicy.numbering import LineType, NumberStatus
from callpolicy.points import KINDS_OF_CLASS, DecisionPoint, Effect, Kind

_IN_CALL: Final = DecisionPoint.IN_CALL
_PERSONAL: Final = Privacy.PERSONAL
_CLASSES: Final = tuple(str(effect) for effect in KINDS_OF_CLASS)
_KINDS: Final = tuple(str(kind) for kind in Kind)
LINE_TYPES: Final = tuple(str(each) for each in LineType)
_STATUSES: Final = tuple(str(each) for each in NumberStatus)


def _text(zh: str, en: str) -> dict[str, str]:
    return {"zh-CN": zh, "en": en}


def _flag(name: str, zh: str, en: str, **more: object) -> Fact:
    return _fact(name, FactType.BOOL, zh, en, **more)


def _count(name: str, zh: str, en: str, **more: object) -> Fact:
    return _fact(name, FactType.INT, zh, en, unit="times", minimum=0, **more)


def _span(name: str, zh: str, en: str, anchor: str, **more: object) -> Fact:
    return _fact(name, FactType.DURATION, zh, en, unit="duration", minimum=0, anchor=anchor, **more)


def _fact(name: str, kind: FactType, zh: str, en: str, **more: object) -> Fact:
    namespace = name.partition(".")[0]
    origin = Origin.HISTORY if namespace in {"case", "block", "history"} else Origin.FOLD
    if namespace == "talk":
        more.setdefault("known_from", _IN_CALL)
    more.setdefault("origin", origin)
    return Fact(name, kind, _text(zh, en), **more)  # type: ignore[arg-type]  # WHY: keyword table, checked by test


_CALLER: Final = (
    _fact("caller.number", FactType.STR, "主叫号码(规范形式)", "calling number, canonical", privacy=_PERSONAL),
    _fact("caller.customer", FactType.STR, "客户编号", "customer id", privacy=_PERSONAL),
    _flag(
        "caller.identified", "是否识别出来电人(号码或客户)", "whether the caller has an identity (number or customer)"
    ),
    _flag("caller.withheld", "号码是否隐藏", "whether the number is withheld"),
    _fact(
        "caller.number_status",
        FactType.ENUM,
        "号码状态",
        "state of the calling number",
        values=_STATUSES,
    ),
    _fact("caller.region", FactType.STR, "号码所属国家或地区", "region of the number, ISO 3166 alpha-2"),
    _fact("caller.line_type", FactType.ENUM, "线路类型", "line type of the number", values=LINE_TYPES),
    _fact("caller.attestation", FactType.ENUM, "主叫认证等级", "STIR/SHAKEN attestation", values=("A", "B", "C")),
    _fact("caller.class", FactType.ENUM, "客户类别", "class of the caller", values=_CLASSES, origin=Origin.ENGINE),
    _fact("caller.kind", FactType.ENUM, "类别细分", "kind within the class", values=_KINDS, origin=Origin.ENGINE),
    _flag("caller.protected", "是否受保护的来电人", "whether the caller is in a protected class"),
    _fact("caller.protected_class", FactType.STR, "受保护类别", "protected class the caller is in"),
    _flag("caller.allowlisted", "是否在白名单上", "whether the caller is on the allowlist"),
)

_CALL: Final = (
    _fact("call.channel", FactType.ENUM, "渠道", "channel", values=("phone", "chat", "mail")),
    _fact("call.queue", FactType.STR, "队列", "queue"),
    _fact("call.team", FactType.STR, "班组", "team"),
    _fact("call.dialled", FactType.STR, "被叫号码", "number or address that was called"),
    _fact("call.language", FactType.STR, "通话语言", "language of the caller"),
    _fact("call.topic", FactType.STR, "来电事由", "what the contact is about"),
    _fact(
        "call.hour",
        FactType.INT,
        "当地小时(0–23)",
        "local hour of the day",
        minimum=0,
        maximum=23,
        anchor="local clock",
    ),
    _fact(
        "call.weekday",
        FactType.INT,
        "星期(1 为星期一)",
        "local weekday, 1 is Monday (ISO 8601)",
        minimum=1,
        maximum=7,
        anchor="local clock",
    ),
    _flag("call.business_hours", "是否在营业时间内", "whether the centre is open", anchor="local clock"),
    _flag("call.holiday", "是否节假日", "whether today is a holiday of the centre", anchor="local clock"),
)

_TALK: Final = (
    _flag("talk.answered", "是否已接听", "whether somebody took the contact", known_from=DecisionPoint.OFFERED),
    _fact("talk.agent", FactType.STR, "当前坐席", "agent who has the contact now"),
    _count("talk.warnings", "本次通话提醒次数", "warnings in this call"),
    _count("talk.soothings", "本次通话安抚次数", "times the caller was soothed in this call"),
    _count("talk.explanations", "本次通话解释次数", "explanations in this call"),
    _count("talk.explanations_rejected", "不被接受的解释次数", "explanations in this call that were rejected"),
    _count("talk.refusals_by_rule", "因业务规则不能办理的次数", "wishes in this call that a business rule refused"),
    _count(
        "talk.rejections_since_refusal",
        "最近一次因规则不能办理之后不被接受的解释次数，办成业务后归零",
        "explanations since the last refusal that were rejected; 0 before one, and once a service is complete",
    ),
    _count("talk.offences", "本次通话违规次数", "offences in this call"),
    _count("talk.offences_since_warning", "提醒之后的违规次数", "offences after the last warning; 0 before the first"),
    _fact(
        "talk.offence_kinds",
        FactType.STR_SET,
        "违规种类",
        "kinds of the offences in this call",
        values=tuple(str(kind) for kind in KINDS_OF_CLASS[Effect.NUISANCE]),
    ),
    _fact("talk.signals", FactType.STR_SET, "识别出的信号", "lexicon signals in what the caller said in this call"),
    _flag("talk.service_complete", "服务是否完成", "whether the service is complete"),
    _flag("talk.no_further_needs", "是否明确表示没有其他需要", "whether the caller said that nothing else is needed"),
    _fact(
        "talk.judged_class", FactType.ENUM, "人工判定的类别", "class that a person judged in this call", values=_CLASSES
    ),
    _fact("talk.judged_kind", FactType.ENUM, "人工判定的细分", "kind that a person judged in this call", values=_KINDS),
    _flag("talk.on_hold", "是否保持中", "whether the caller is on hold"),
    _count("talk.holds", "保持次数", "times the caller was put on hold"),
    _count("talk.transfers", "转接次数", "times the contact was transferred"),
    _count("talk.escalations", "升级次数", "times the contact was escalated"),
    _span("talk.quiet_for", "双方静默时长", "how long nobody has spoken", "the end of the last utterance"),
    _span("talk.handling_time", "处理时长", "time since the contact was answered", "answered"),
    _span("talk.since_warning", "距上次提醒的时长", "time since the last warning", "the last warning"),
    _span("talk.since_offence", "距上次违规的时长", "time since the last offence", "the last offence"),
)

_CASE: Final = (
    _flag("case.linked", "是否关联投诉个案", "whether this contact is linked to a complaint case"),
    _fact("case.id", FactType.STR, "个案编号", "id of the complaint case", privacy=_PERSONAL),
    _fact("case.status", FactType.ENUM, "个案状态", "state of the case", values=("open", "final", "reopened")),
    _fact(
        "case.final_result_at", FactType.TIMESTAMP, "最终结论时间", "when the final result was given", unit="instant"
    ),
    _span("case.since_final", "距最终结论的时长", "time since the final result", "the final result"),
    _count("case.new_facts_since_final", "最终结论后的新事实数", "new facts since the final result"),
    _count("case.contacts", "个案联系次数", "contacts about the case, this one included"),
    _count("case.contacts_since_final", "最终结论后的联系次数", "contacts since the final result, this one included"),
    _count("case.explanations", "个案累计解释次数", "explanations given in the case, over all its contacts"),
    _count("case.explanations_rejected", "个案累计不被接受的解释次数", "explanations rejected in the case"),
    _fact("case.first_handler", FactType.STR, "首问责任人", "agent who took the first contact of the case"),
)

_BLOCK: Final = (
    _flag(
        "block.covered", "是否在黑名单有效期内", "whether an active blocklist entry covers the caller", anchor="its end"
    ),
    _fact("block.until", FactType.TIMESTAMP, "屏蔽到期时间", "when the block ends", unit="instant"),
    _flag("block.permanent", "是否永久屏蔽", "whether the block has no end"),
    _count("block.count", "曾被屏蔽次数", "how often the caller was blocked before and now"),
)


def _at_most(name: str, left: str, right: str) -> Relation:
    return Relation(name, Leaf(left, Op.AT_MOST, FactRef(right)))


def _implies(name: str, premise: Leaf, conclusion: Leaf) -> Relation:
    return Relation(name, Any((Not((premise,)), conclusion)))


RELATIONS: Final = (
    _at_most("offences-since-warning", "talk.offences_since_warning", "talk.offences"),
    _at_most("rejections-need-explanations", "talk.explanations_rejected", "talk.explanations"),
    _at_most("rejections-since-refusal", "talk.rejections_since_refusal", "talk.explanations_rejected"),
    _implies(
        "rejections-need-a-refusal-before",
        Leaf("talk.rejections_since_refusal", Op.AT_LEAST, 1),
        Leaf("talk.refusals_by_rule", Op.AT_LEAST, 1),
    ),
    _at_most("contacts-since-final", "case.contacts_since_final", "case.contacts"),
    _at_most("case-rejections-need-explanations", "case.explanations_rejected", "case.explanations"),
    _at_most("quiet-within-call", "talk.quiet_for", "talk.handling_time"),
    _at_most("warning-within-call", "talk.since_warning", "talk.handling_time"),
    _at_most("offence-within-call", "talk.since_offence", "talk.handling_time"),
    _implies(
        "offences-need-a-warning-before",
        Leaf("talk.offences_since_warning", Op.AT_LEAST, 1),
        Leaf("talk.warnings", Op.AT_LEAST, 1),
    ),
    _implies("withheld-has-no-number", Leaf("caller.withheld", Op.IS, True), Leaf("caller.number", Op.KNOWN, False)),
    _implies(
        "an-open-case-has-no-final", Leaf("case.status", Op.IS, "open"), Leaf("case.since_final", Op.KNOWN, False)
    ),
    _implies(
        "a-final-case-has-no-new-facts",
        Leaf("case.status", Op.IS, "final"),
        Leaf("case.new_facts_since_final", Op.AT_MOST, 0),
    ),
    _implies(
        "a-kind-belongs-to-its-class",
        Leaf("caller.class", Op.IS, "normal"),
        Leaf("caller.kind", Op.KNOWN, False),
    ),
)

BUILTIN: Final = Catalogue((*_CALLER, *_CALL, *_TALK, *_CASE, *_BLOCK), RELATIONS)
"""The built-in catalogue; a bundle extends it by its windows (`history.*`) and its host facts."""
