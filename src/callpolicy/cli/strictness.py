"""What a strict check adds: proofs of the invariants, and what the analysis finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from callpolicy.cli.options import Language
from callpolicy.errors import Finding

if TYPE_CHECKING:
    from callpolicy.policy import Bundle

_TEXTS = {
    "broken": (
        "the invariant `{id}` is not proved for every possible call",
        "底线规则 `{id}` 未能对所有可能的来电证明",
    ),
    "sequence": (
        "a sequence of events leads to a hang-up on nuisance without a warning, or none is ruled out",
        "存在（或未能排除）没有提醒就对无价值来电挂机的事件序列",
    ),
    "held": ("nothing is proved of `{fact}`: {what}", "无法证明涉及 `{fact}` 的内容：{what}"),
    "unsettled": ("not settled: {question}", "未能得出结论：{question}"),
    "hint": ("`callpolicy prove` shows the call", "用 `callpolicy prove` 可以看到该来电"),
}


def proved_findings(bundle: Bundle, language: Language) -> Iterator[Finding]:
    """What could not be proved of a norm, and what is wrong with it for some possible call."""
    from callpolicy.analysis.findings import analyse
    from callpolicy.analysis.proving import Standing, prove
    from callpolicy.analysis.telling import asked

    def say(key: str, **values: object) -> str:
        return _TEXTS[key][language is Language.ZH].format(**values)

    proofs = prove(bundle)
    for each in proofs.invariants:
        if each.standing in {Standing.BROKEN, Standing.UNSUPPORTED, Standing.UNSETTLED}:
            invariant = each.invariant
            yield Finding("invariant-not-proved", say("broken", id=invariant.id), invariant.span, say("hint"))
    if not proofs.sequences.proved:
        yield Finding("hang-up-without-warning", say("sequence"), None, say("hint"))
    analysis = analyse(bundle)
    for unsupported in dict.fromkeys((*proofs.unsupported, *analysis.unsupported)):
        yield Finding("not-looked-at", say("held", fact=unsupported.fact, what=unsupported.what), None)
    for question in analysis.unsettled:
        asked_for = asked(question.code, question.rules, question.subject)[str(language)]
        yield Finding("not-looked-at", say("unsettled", question=asked_for), None)
    for found in analysis.findings:
        sentence = found.sentence.get(str(language)) or found.sentence["en"]
        yield Finding(found.code, sentence, found.span, severity=found.severity)
