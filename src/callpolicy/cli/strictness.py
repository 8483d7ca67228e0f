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
    "unsettled": ("it is not settled whether there is `{code}`: {about}", "未能判定是否有 `{code}`：{about}"),
    "hint": ("`callpolicy prove` shows the call", "用 `callpolicy prove` 可以看到该来电"),
}


def proved_findings(bundle: Bundle, language: Language) -> Iterator[Finding]:
    """What could not be proved of a norm, and what is wrong with it for some possible call.

    Raises:
        MissingExtraError: the solver is not installed.
    """
    from callpolicy.analysis.findings import analyse
    from callpolicy.analysis.proving import Standing, prove

    def say(key: str, **values: object) -> str:
        return _TEXTS[key][language is Language.ZH].format(**values)

    proofs = prove(bundle)
    for each in proofs.invariants:
        if each.standing in {Standing.BROKEN, Standing.UNSUPPORTED}:
            invariant = each.invariant
            yield Finding("invariant-not-proved", say("broken", id=invariant.id), invariant.span, say("hint"))
    if not proofs.sequences.proved:
        yield Finding("hang-up-without-warning", say("sequence"), None, say("hint"))
    analysis = analyse(bundle)
    for unsupported in dict.fromkeys((*proofs.unsupported, *analysis.unsupported)):
        yield Finding("not-looked-at", say("held", fact=unsupported.fact, what=unsupported.what), None)
    for question in analysis.unsettled:
        about = ", ".join(filter(None, (*question.rules, question.subject)))
        yield Finding("not-looked-at", say("unsettled", code=question.code, about=about), None)
    for found in analysis.findings:
        sentence = found.sentence.get(str(language)) or found.sentence["en"]
        yield Finding(found.code, sentence, found.span, severity=found.severity)
