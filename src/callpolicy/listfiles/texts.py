"""What the report of a list file says, in its two languages: per cause and remark what it is and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said of a cause or a remark, per language.

    Args:
        en: what it is.
        zh: the same in zh-CN.
        do_en: what to do about it.
        do_zh: the same in zh-CN.
    """

    en: str
    zh: str
    do_en: str
    do_zh: str

    def what(self, language: str) -> str:
        """What it is; in English for a language that there is not."""
        return self.zh if language == "zh-CN" else self.en

    def hint(self, language: str) -> str:
        """What to do about it."""
        return self.do_zh if language == "zh-CN" else self.do_en


CAUSES: Final[Mapping[str, Wording]] = {
    "blank": Wording(
        "no number in the row", "该行没有号码", "nothing, or ask who keeps the list", "无需处理，或询问名单维护人"
    ),
    "withheld": Wording(
        "the caller withheld the number",
        "主叫号码被隐藏",
        "nothing: a withheld number is nobody's, and a list cannot hold it",
        "无需处理：隐藏号码不对应任何人，名单无法收录",
    ),
    "words": Wording("words, not a number", "是文字，不是号码", "look up the number that is meant", "查明所指的号码"),
    "several-things": Wording(
        "a number with something else, or several",
        "号码里夹有其他内容，或有多个号码",
        "write one number per row",
        "每行只写一个号码",
    ),
    "two-numbers": Wording(
        "a second number stands where the reason is expected",
        "原因的位置上是另一个号码",
        "write one number per line",
        "每行只写一个号码",
    ),
    "too-short": Wording("too few digits", "位数太少", "write it with its country or area code", "补上国家代码或区号"),
    "too-long": Wording(
        "too many digits for any number", "位数超过任何电话号码", "look at the original", "核对原始记录"
    ),
    "no-such-number": Wording(
        "not certainly one line: digits or the area code lack, or are too many",
        "不能确定是哪一条线路：缺位、多位或缺区号",
        "write it with `+` and country code",
        "用 `+` 加国家代码的完整写法",
    ),
    "rounded": Wording(
        "a spreadsheet rounded the digits, as in 1.2E+11",
        "号码被表格软件改成了科学计数法，如 1.2E+11",
        "format the column as text and export again; the lost digits do not come back",
        "把该列设为文本格式后重新导出；丢失的数字无法找回",
    ),
    "spreadsheet-error": Wording(
        "the spreadsheet shows an error or had no room",
        "表格软件显示为错误或列宽不足",
        "mend the formula and export again",
        "修正公式后重新导出",
    ),
    "hidden-digits": Wording(
        "digits are hidden or in doubt (`*`, `?`, `x`)",
        "部分数字被遮盖或存疑（`*`、`?`、`x`）",
        "write all digits; a prefix is written with `+`, its country code, and one star at its end",
        "写出全部数字；号段用 `+` 加国家代码的写法，末尾写一个星号",
    ),
    "ruined-text": Wording(
        "bytes that are no text",
        "含有无法识别的字节",
        "export again as UTF-8",
        "以 UTF-8 编码重新导出",
    ),
    "bad-customer": Wording("no usable customer id", "客户号不可用", "look at the original", "核对原始记录"),
    "kind-contradicts": Wording(
        "called a number, but written as a customer",
        "类型写的是号码，内容却是客户号",
        "mend the kind",
        "改正类型",
    ),
    "bad-kind": Wording(
        "neither a number nor a customer",
        "类型既不是号码也不是客户",
        "write `number` or `customer`",
        "写“号码”或“客户”",
    ),
    "prefix-without-country": Wording(
        "a prefix without country code",
        "号段没有国家代码",
        "write it with `+` and country code",
        "用 `+` 加国家代码的写法",
    ),
    "unknown-country": Wording(
        "a prefix that begins with no country code in use",
        "号段开头不是已启用的国家代码",
        "look at the digits behind the `+`",
        "核对 `+` 后面的数字",
    ),
    "bad-range": Wording(
        "a range that is none: not two numbers of one length, the smaller one first",
        "号码范围不成立：须为两个等长号码，小的在前",
        "write both numbers in full",
        "两端都写完整号码",
    ),
    "half-range": Wording(
        "a range whose end is not written in full",
        "号码范围的末端没有写全",
        "write both numbers in full, with `+` and country code",
        "两端都写完整号码，带 `+` 和国家代码",
    ),
    "too-wide": Wording(
        "a prefix or range that covers too many callers",
        "号段或范围覆盖的来电人太多",
        "split it up; the norm says how wide one may be",
        "拆成更窄的号段；规范规定了上限",
    ),
    "width-not-declared": Wording(
        "a prefix or range of a region for which the norm allows none",
        "规范没有允许该地区的号段或范围",
        "list the numbers one by one, or declare it in `governance.yaml`",
        "逐个列出号码，或在 `governance.yaml` 中声明",
    ),
    "protected": Wording(
        "a protected number, which is never blocked",
        "受保护号码，任何时候都不拉黑",
        "take it out of the list, and ask how it came there",
        "从名单中删除，并查明为何列入",
    ),
    "covers-protected": Wording(
        "a prefix or range that covers a protected number",
        "号段或范围内有受保护号码",
        "split it up around the protected number",
        "避开受保护号码，拆成几段",
    ),
    "emergency": Wording(
        "an emergency number, which is never blocked",
        "紧急号码，任何时候都不拉黑",
        "take it out of the list",
        "从名单中删除",
    ),
    "bad-date": Wording(
        "a date that is not certainly one",
        "日期无法确定",
        "write the year first, as in 2026-03-31",
        "先写年份，如 2026-03-31",
    ),
    "bad-term": Wording(
        "a term that is none",
        "期限无法识别",
        "write day, week, month, permanent, or a duration such as `12h`",
        "写一天、一周、一个月、永久，或如 `12h` 的时长",
    ),
    "ended": Wording("it has ended already", "已经到期", "nothing, or give it a new end", "无需处理，或写新的到期时间"),
    "ends-before-it-begins": Wording(
        "it ends before it begins",
        "到期时间早于生效时间",
        "mend the dates",
        "改正日期",
    ),
    "too-few-columns": Wording(
        "fewer cells than the header has columns",
        "单元格少于表头列数",
        "mend the row; was a line broken in two?",
        "改正该行；是否一行被断成了两行？",
    ),
    "too-many-columns": Wording(
        "more cells than the header has columns",
        "单元格多于表头列数",
        "put texts with commas in quotes",
        "含逗号的文字要加引号",
    ),
    "half-line": Wording(
        "the file stops in the middle of its last line",
        "文件在最后一行中途断开",
        "get the whole file: more rows may lack",
        "重新取得完整文件：可能还缺其他行",
    ),
    "open-quote": Wording(
        "a quote is never closed",
        "引号没有闭合",
        "close it, or double it inside a text",
        "补上引号，或在文字内写成两个引号",
    ),
    "long-line": Wording(
        "a line longer than 65,536 characters", "一行超过 65,536 个字符", "look at the file", "检查文件"
    ),
}
"""Why a row gave no candidate."""

REMARKS: Final[Mapping[str, Wording]] = {
    "no-reason": Wording(
        "no reason", "没有原因", "give one: no entry goes on a list without", "补写原因：没有原因不能列入名单"
    ),
    "no-end": Wording(
        "neither an end nor a term", "没有到期时间也没有期限", "give a term when you import", "导入时指定期限"
    ),
    "since-in-future": Wording("begins in the future", "将来才生效", "look whether that is meant", "核对是否有意为之"),
    "end-and-term": Wording(
        "both an end and a term; the one kinder to the caller was taken",
        "同时写了到期时间和期限；已取对来电人较宽的一个",
        "leave one out",
        "只保留一个",
    ),
    "service-number": Wording(
        "a short code or service number, of a bank for example",
        "短号码或服务号码，例如银行客服",
        "look whether the service itself calls: such numbers are often forged",
        "核实是否确由该服务呼出：此类号码常被冒用",
    ),
    "extension": Wording(
        "an extension that an entry cannot hold: it would cover the whole line",
        "带分机号；名单只能覆盖整条线路",
        "look who else calls from there",
        "核实还有谁用该线路来电",
    ),
    "not-in-plan": Wording(
        "of possible length, but given to nobody: perhaps forged",
        "长度可能，但未分配给任何人：可能是伪造号码",
        "use a short term: whoever forges takes another one tomorrow",
        "用较短期限：伪造者明天就会换号",
    ),
    "protected-anyway": Wording("protected anyway", "本来就受保护", "nothing", "无需处理"),
    "wide-prefix": Wording(
        "a wide prefix", "号段很宽", "look whether all these callers are meant", "核对是否所有这些来电人都应列入"
    ),
    "wide-range": Wording(
        "a wide range", "号码范围很宽", "look whether all these callers are meant", "核对是否所有这些来电人都应列入"
    ),
    "ruined-reason": Wording(
        "a reason with bytes that are no text",
        "原因含有无法识别的字节",
        "export again as UTF-8",
        "以 UTF-8 编码重新导出",
    ),
    "long-reason": Wording("a reason longer than the norm allows", "原因超过规范允许的长度", "shorten it", "缩短原因"),
    "no-line-end": Wording(
        "the last line has no line end",
        "最后一行没有换行",
        "look whether it is whole",
        "核对该行是否完整",
    ),
    "bad-complaint-date": Wording(
        "a complaint without a date that can be read",
        "投诉日期无法识别",
        "nothing, or look at the original",
        "无需处理，或核对原始记录",
    ),
    "bad-call-date": Wording(
        "a call without a date that can be read; the date of the complaint was taken, if there is one",
        "来电日期缺失或无法识别；如有投诉日期，已取投诉日期",
        "nothing, or look at the original",
        "无需处理，或核对原始记录",
    ),
    "complaint-in-future": Wording(
        "a complaint from the future", "投诉日期在将来", "look at the original", "核对原始记录"
    ),
    "call-after-complaint": Wording(
        "the call is dated after the complaint about it; the date of the complaint was taken",
        "来电日期晚于投诉日期；已取投诉日期",
        "nothing: consumers mistake dates",
        "无需处理：投诉人常记错日期",
    ),
    "call-long-ago": Wording(
        "the call was more than a year before the complaint",
        "来电早于投诉一年以上",
        "do not rest a block on it alone",
        "不要仅凭此条拉黑",
    ),
}
"""What a person should look at, of rows and candidates that were taken."""

CHECKS: Final[Mapping[str, tuple[str, str]]] = {
    "width": ("how wide prefixes and ranges are: no norm was given", "号段和范围的宽度：没有给出规范"),
    "protected": ("whether numbers are protected: no norm was given", "号码是否受保护：没有给出规范"),
}

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "summary": ("What was read", "读取结果"),
    "refused": ("Rows that gave no candidate", "未能成为候选的行"),
    "remarks": ("What a person should look at", "需要人工核对的内容"),
    "contradictions": ("Numbers with different ends", "到期时间不一致的号码"),
    "unchecked": ("What was not checked", "未检查的内容"),
    "what": ("what", "内容"),
    "value": ("value", "值"),
    "cause": ("cause", "原因"),
    "code": ("code", "代码"),
    "rows": ("rows", "行数"),
    "count": ("count", "数量"),
    "lines": ("lines", "行号"),
    "samples": ("masked samples", "脱敏示例"),
    "do": ("what to do", "处理办法"),
    "taken": ("line taken", "采用的行"),
    "repeated": ("Rows that name somebody again", "重复的行"),
    "line": ("line", "行号"),
    "of_line": ("line that named them first", "首次出现的行号"),
    "file": ("file", "文件"),
    "format": ("format", "格式"),
    "told": ("as told", "按指定"),
    "found": ("told from the content", "按内容判断"),
    "encoding": ("encoding", "编码"),
    "columns": ("columns read", "读取的列"),
    "unused": ("columns not used", "未使用的列"),
    "region": ("national numbers are of", "本国号码所属地区"),
    "time_zone": ("dates without a zone are of", "未写时区的日期按"),
    "rows_read": ("rows read", "读取行数"),
    "candidates": ("= candidates", "＝候选"),
    "duplicates": ("+ rows that name one of them again", "＋重复的行"),
    "refused_rows": ("+ rows that gave none", "＋未能成为候选的行"),
    "beside": ("besides: comment lines, blank lines", "另有：注释行、空行"),
    "more": ("… and {count} more", "… 另有 {count} 处"),
    "number": ("number", "号码"), "reason": ("reason", "原因"), "since": ("since", "生效"), "until": ("until", "到期"),
    "term": ("term", "期限"), "kind": ("kind", "类型"), "evidence": ("evidence", "依据"),
    "created": ("complaint", "投诉"), "called": ("call", "来电"),
}  # fmt: skip


def word(key: str, language: str) -> str:
    """A word of the report; in English for a language that there is not."""
    en, zh = WORDS[key]
    return zh if language == "zh-CN" else en
