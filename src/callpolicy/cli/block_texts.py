"""What the commands on blocks and the allowlist say, in two languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from callpolicy.cli.options import Language

_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # states
    "proposed": ("proposed", "待确认"),
    "confirmed": ("confirmed, not entered", "已确认，待录入"),
    "active": ("active", "生效中"),
    "under_review": ("active, to be looked at", "生效中，待处理"),
    "lifted": ("lifted", "已解除"),
    "expired": ("expired", "已到期"),
    "holds": ("holds", "生效中"),
    "later": ("begins later", "尚未生效"),
    "over": ("over", "已结束"),
    # acts, as they led to something
    "act.propose": ("proposed", "提议"),
    "act.confirm_first": ("confirmed, the first of two", "确认（两人中的第一人）"),
    "act.confirm": ("confirmed", "确认"),
    "act.confirm_extension": ("confirmed the longer term", "确认延长"),
    "act.activate": ("entered", "录入生效"),
    "act.activate_automatically": ("entered by the system", "系统自动录入生效"),
    "act.review_keep": ("reviewed: kept", "复核：维持"),
    "act.review_lift": ("reviewed: lifted", "复核：解除"),
    "act.review_shorten": ("reviewed: shortened", "复核：缩短"),
    "act.review_extend": ("reviewed: a longer term asked for", "复核：申请延长"),
    "act.appeal": ("appeal taken down", "受理申诉"),
    "act.appeal_keep": ("appeal decided: kept", "申诉裁定：维持"),
    "act.appeal_lift": ("appeal decided: lifted", "申诉裁定：解除"),
    "act.appeal_shorten": ("appeal decided: shortened", "申诉裁定：缩短"),
    "act.lift": ("lifted", "解除"),
    "act.allow": ("put on the allowlist", "列入白名单"),
    "act.disallow": ("ended", "结束"),
    # what time did
    "end.term": ("its term is over", "期限已到"),
    "end.unconfirmed": ("nobody confirmed it in time", "逾期无人确认"),
    "end.review_overdue": ("nobody reviewed it in time", "逾期无人复核"),
    "end.appeal_overdue": ("nobody decided the appeal in time", "申诉逾期未裁定"),
    "end.lifted": ("lifted", "解除"),
    # what it waits for, in a word
    "wait.confirm": ("confirmation", "确认"),
    "wait.confirm_two": ("2 confirmations", "两人确认"),
    "wait.activate": ("entry", "录入"),
    "wait.review": ("review", "复核"),
    "wait.appeal": ("decision of the appeal", "申诉裁定"),
    "wait.extension": ("confirmation of {term}", "确认延长为{term}"),
    "wait.until": ("{what} by {by}", "{by} 前{what}"),
    # what it waits for, in a sentence
    "waits.confirm": ("another person to confirm it: {roles}", "另一人确认：{roles}"),
    "waits.confirm_two": ("two persons to confirm it: {roles}", "两人确认：{roles}"),
    "waits.activate": (
        "somebody to enter it, it keeps nobody out before: {roles}", "录入（录入之前不拦截来电）：{roles}"
    ),
    "waits.review": ("a review: {roles}", "复核：{roles}"),
    "waits.appeal": ("a decision of the appeal: {roles}", "申诉裁定：{roles}"),
    "waits.extension": ("a confirmation of the longer term {term}: {roles}", "确认延长为{term}：{roles}"),
    "not_by": ("; not {persons}", "；不能是 {persons}"),
    "by_lifts": ("; by {by}, or it is lifted", "；须在 {by} 前完成，否则自动解除"),
    "by_stays": ("; by {by}", "；须在 {by} 前完成"),
    "ends_anyway": ("; without it the block ends on {until}", "；不确认则 {until} 到期"),
    "overtaken": ("overtaken by a lift", "同一来电人已解除屏蔽"),
    "overtaken.lift": ("{id} of the same caller was lifted on {at}", "同一来电人的 {id} 已于 {at} 解除"),
    "overtaken.proposed": (
        ": this can be confirmed only on a decision made since that is on record, by `--evidence`; otherwise lift it",
        "：须用 `--evidence` 补充此后作出且有记录的决定才能确认，否则请解除本条",
    ),
    "overtaken.confirmed": (
        ": this can no longer be entered; lift it, and propose anew on a decision made since",
        "：本条不能再录入，请解除；仍需屏蔽的，凭此后作出的决定另行提议",
    ),
    "overtaken.holds": (
        ": this can be confirmed only on a decision made since that is on record, by `--evidence`",
        "：须用 `--evidence` 补充此后作出且有记录的决定才能确认",
    ),
    "age.d": ("{count} d", "{count} 天"),
    "age.h": ("{count} h", "{count} 小时"),
    "age.min": ("{count} min", "{count} 分钟"),
    "waits_for_end": ("nothing; it ends {until}", "无；{until} 到期"),
    "waits_nothing": ("nothing now; next review {due}", "暂无；下次复核 {due}"),
    "waits_for_ever": ("nothing", "无"),
    # labels
    "whom": ("caller", "来电人"),
    "term": ("term", "期限"),
    "since": ("since", "生效时间"),
    "until": ("until", "到期时间"),
    "ended": ("ended", "结束时间"),
    "no_end": ("no end", "无到期"),
    "reason": ("reason", "原因"),
    "owner": ("owner", "负责人"),
    "evidence": ("evidence", "依据"),
    "waits": ("waits for", "等待"),
    "mark": ("note", "注意"),
    "age": ("for", "已等待"),
    "rests_on": ("evidence", "依据"),
    "rests_on.one": ("1 decision", "1 条依据"),
    "rests_on.many": ("{count} decisions", "{count} 条依据"),
    "proposed_at": ("proposed on", "提议时间"),
    "waits_since": ("since", "起始时间"),
    "why": ("why", "原因"),
    "next": ("next", "下一步"),
    "state": ("state", "状态"),
    "id": ("id", "编号"),
    "by_whom": ("by", "经手人"),
    "when": ("when", "时间"),
    "who": ("who", "谁"),
    "did": ("what", "操作"),
    "led_to": ("led to", "结果"),
    "because": ("why, and on what", "原因和依据"),
    "system": ("the system", "系统"),
    "nobody": ("(time)", "（时间）"),
    "ladder": ("{term} (by the ladder; no `--term` was given)", "{term}（未写 `--term`，按阶梯期限）"),
    "zone": ("times of {zone}", "时间为 {zone}"),
    "on_record": ("{id} {at} (on record)", "{id} {at}（有记录）"),
    "not_on_record": ("{id} {at} (not on record here)", "{id} {at}（此处无记录）"),
    "row_of_file": ("{id} {at} (a row of a file)", "{id} {at}（文件中的一行）"),
    "counted": ("{title}: {count}", "{title}：{count}"),
    "already": ("note: {id} covers this caller already ({state})", "注意：{id} 已覆盖此来电人（{state}）"),
    "look": ("note: {what}; {do}", "注意：{what}；{do}"),
    "not_entered": ("confirmed, but not entered: {why}", "已确认，但尚未录入：{why}"),
    "of_several": ("done: {done}, refused: {refused}", "已完成 {done} 条，被拒绝 {refused} 条"),
    "of_several.part": (
        "done: {done}, confirmed but not entered: {part}, refused: {refused}",
        "已完成 {done} 条，已确认但尚未录入 {part} 条，被拒绝 {refused} 条",
    ),
    "not_yet": (
        "not entered: another person must confirm it first", "尚未录入：还须另一人确认"
    ),
    # lists
    "title.open": ("Blocks that are open or hold", "待处理和生效中的屏蔽"),
    "title.state": ("Blocks: {state}", "屏蔽：{state}"),
    "title.all": ("Blocks of this caller", "此来电人的屏蔽"),
    "title.due": ("What waits for a person now, the oldest first", "现在等待人工处理的屏蔽（等待最久的在前）"),
    "title.overdue": ("What nobody has seen to in time", "逾期未处理的屏蔽"),
    "title.allow": ("Allowlist", "白名单"),
    "none": ("none", "没有"),
    "shown_of": ("shown: {shown} of {total}; more with `--limit`", "共 {total} 条，显示 {shown} 条；更多见 `--limit`"),
    "overdue_since": ("overdue since", "逾期起自"),
    "overdue_what": ("what", "事项"),
    "led": ("what became of it", "后果"),
    "led.lifted": ("lifted the block", "已因此解除"),
    "led.stands": ("it still stands", "仍在生效"),
    "what.unconfirmed": ("confirmation", "确认"),
    "what.review_overdue": ("review", "复核"),
    "what.appeal_overdue": ("decision of the appeal", "申诉裁定"),
    "to_come": ("To come", "后续期限"),
    "come.review_due": ("review due", "应复核"),
    "come.review_overdue": ("review overdue", "复核逾期"),
    "come.review_overdue_lifts": ("review overdue, then it is lifted", "复核逾期，届时自动解除"),
    "come.unconfirmed_lifts": ("lifted unless a person confirms it", "无人确认则自动解除"),
    "come.appeal_overdue": ("appeal overdue", "申诉裁定逾期"),
    "come.appeal_overdue_lifts": ("appeal overdue, then it is lifted", "申诉裁定逾期，届时自动解除"),
    "come.until": ("its term is over", "期限到期"),
    "come.until_anyway": (
        "its term is over, unless the longer one is confirmed before", "期限到期（除非此前已确认延长）"
    ),
    "no_life": ("an entry that was put without a life", "没有流程记录的条目"),
    "no_life.why": (
        "an entry that was put without a life: nobody proposed or confirmed it here, so it has no review and no appeal",
        "没有流程记录的条目：此处无人提议或确认，因此不安排复核，也不受理申诉",
    ),
    "more_than_one": ("{first} + {count} more", "{first} 等 {count} 项"),
    "ended_allow": ("{id} no longer holds from {at} on", "{id} 自 {at} 起失效"),
    "allowed": (
        "{id} holds now: no rule and no block keeps this caller out", "{id} 已生效：任何规则和屏蔽都不再拦截此来电人"
    ),
    # what an import says
    "import.dry": ("Dry run: nothing was written. What `--write` would do", "试运行：没有写入。加 `--write` 将会"),
    "import.nothing": ("Nothing to write", "没有可以写入的内容"),
    "import.done": ("What was done", "已完成"),
    "import.allow_done": ("put on the allowlist", "已列入白名单"),
    "import.allow_would": ("would be put on the allowlist", "将列入白名单"),
    "import.proposed": ("proposed", "已提议"),
    "import.would": ("would be proposed", "将提议"),
    "import.by_date": ("until when the file says", "按文件写明的到期时间"),
    "import.same": ("imported before from this very file", "此前已从同一文件导入"),
    "import.there_block": ("a block that is open or holds covers them", "已有待处理或生效中的屏蔽覆盖"),
    "import.there_allow": ("an entry covers them for as long", "已有条目覆盖到同样久"),
    "import.refused": ("refused: {what}", "拒绝：{what}"),
    "import.what": ("what", "内容"),
    "import.count": ("count", "数量"),
    "import.lines": ("lines", "行号"),
    "import.samples": ("masked samples", "脱敏示例"),
    "import.detail": ("term, rule or what to do", "期限、规则或处理办法"),
    "import.ids": (
        "ids are `{begin}LINE`, from the content of the file: the same file again proposes nothing twice",
        "编号为 `{begin}行号`，由文件内容得出：同一文件再次导入，不会重复",
    ),
    "import.next": ("next: callpolicy block list --state proposed", "下一步：callpolicy block list --state proposed"),
    "import.write": ("to do it: the same command with `--write`", "确认无误后，同一命令加 `--write`"),
    "import.reading": ("reading", "读取"),
    "import.looking": ("looking", "核对"),
    "import.writing": ("writing", "写入"),
}  # fmt: skip

_TERMS: Final[Mapping[str, str]] = {"day": "一天", "week": "一周", "month": "一个月", "permanent": "永久"}
_UNITS: Final[Mapping[str, str]] = {"d": "天", "h": "小时", "m": "分钟", "s": "秒", "ms": "毫秒"}
_PART: Final = re.compile(r"(\d+)(ms|[dhms])", re.ASCII)
_DURATION: Final = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_LONGEST: Final = 2_000


def said(key: str, language: Language, **values: object) -> str:
    """One of the texts, with its values filled in."""
    english, chinese = _TEXTS[key]
    return (chinese if language is Language.ZH else english).format_map(values)


def knows(key: str) -> bool:
    """Whether there is a text of that name."""
    return key in _TEXTS


def term_word(term: str, language: Language) -> str:
    """A term in words; in English a duration stays as it is written.

    >>> term_word("week", Language.ZH), term_word("1d12h", Language.ZH), term_word("1d12h", Language.EN)
    ('一周', '1 天 12 小时', '1d12h')
    """
    if language is not Language.ZH:
        return term
    if _DURATION.fullmatch(term):
        return " ".join(f"{count} {_UNITS[unit]}" for count, unit in _PART.findall(term))
    return _TERMS.get(term, term)


def one_line(text: str) -> str:
    """A text that somebody wrote, as one line that moves no cursor.

    >>> one_line("rude\\n\\tagain\\x1b[2J")
    'rude again\\ufffd[2J'
    """
    cut = text[:_LONGEST] + ("…" if len(text) > _LONGEST else "")
    line = " ".join(cut.split())
    return "".join("\ufffd" if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else each for each in line)


def free_text(text: str) -> str:
    """A text that somebody wrote, as one line without what looks like a telephone number."""
    from callpolicy.rulefile.sources import masked

    return masked(one_line(text))
