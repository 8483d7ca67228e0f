"""What is told in Chinese of the audit trail, and of decisions on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # what was typed
    "`--closed` says that nothing came after a head; name it with `--head`": (
        "`--closed` 表示链末端之后没有再写入；请用 `--head` 写明链末端"
    ),
    "`--head` {file}: {why:part}": "`--head` {file}：{why}",
    "name a decision or say `--all`": "写明一个决定，或用 `--all`",
    "name a decision or say `--all`, not both": "写明一个决定，或用 `--all`，两者只用其一",
    "`--since`, `--until`, `--sample` and `--seed` go with `--all`": (
        "`--since`、`--until`、`--sample` 和 `--seed` 须与 `--all` 同用"
    ),
    "`--since` must be before `--until`": "`--since` 须早于 `--until`",
    # what is on record
    "there is no audit record; nothing was verified": "没有审计记录，未作核验",
    "there is no audit record of {name}": "没有 {name} 的审计记录",
    "there is no decision on record in that time; nothing was made again": "这段时间没有决定的记录，未作重做",
    "what is recorded of {name} is no decision; only decisions can be made again": (
        "{name} 的记录不是决定；只有决定可以重做"
    ),
    "{name} is on record, but is no decision": "{name} 有记录，但不是决定",
    "{name} names {count:n} decisions; name one, such as {example}": (
        "{name} 有 {count} 个决定；请写明其中一个，如 {example}"
    ),
    "the norm that decided declares no fact clear (`privacy.clear`), so that nothing more is shown": (
        "当时的规范没有声明可明示的事实（`privacy.clear`），不再显示更多"
    ),
    "the personal values that the decision rests on were erased; it cannot be made again": (
        "决定所依据的个人信息已清除，无法重做"
    ),
    "the personal values that the decision rests on were erased; it cannot be explained": (
        "决定所依据的个人信息已清除，无法解释"
    ),
    "the norm that decided is not kept as it was; the decision cannot be made again": (
        "当时的规范已无原样保存，决定无法重做"
    ),
    "the norm that decided is not kept as it was; the decision cannot be explained": (
        "当时的规范已无原样保存，决定无法解释"
    ),
    # what was changed
    "what is recorded of {name} is no record any more; see {command}": "{name} 的记录已不是合格的记录；见 {command}",
    "record {name} was changed, and nothing can be told from it; see {command}": (
        "记录 {name} 被改动，无法由它得知任何内容；见 {command}"
    ),
    "the record is not that of a decision, or was changed; nothing can be made from it": (
        "这不是决定的记录，或记录被改动，无法由它重做"
    ),
    "the record does not hold a decision": "记录中没有决定",
    "the record does not hold a decision and its snapshot": "记录中没有决定及其快照",
    "the record holds a course that is none": "记录中的通话过程不合格",
    "the record holds a value that is none": "记录中的值不合格",
    "the record holds a number that is none": "记录中的数字不合格",
    "line {line:n}: {why:part}": "第 {line} 行：{why}",
    "record {number:n} of its writer: {why:part}": "该写入者的第 {number} 条记录：{why}",
    # what is not written
    "what may be shown of {act} shows a personal value; the record is not written": (
        "{act} 可公开的部分中有个人信息；没有写入记录"
    ),
    "the record could not be masked ({kind:word}); it is not written": "记录无法遮盖（{kind}）；没有写入",
    # what is sealed
    "what is sealed was changed, belongs to another record or to another secret": (
        "封存的内容被改动，或属于另一条记录，或用的是另一个密钥"
    ),
    "what is sealed is no base64 text": "封存的内容不是 base64 文字",
    "the personal part is that of another record": "个人信息属于另一条记录",
    "the personal part is not what the record commits to": "个人信息与记录不符",
    "the salt of a personal part is not hex digits, or too few": "个人信息的盐值不是十六进制数字，或位数太少",
}

PARTS: Final[Mapping[str, str]] = {
    "this holds no heads of an audit trail; {command} writes them": "其中没有审计链末端；可用 {command} 写出",
    "its parts do not agree; it was changed, or is of another format": "内容前后不符；已被改动，或格式不同",
    # what a record or a line is not
    "it is cut off": "末尾不完整",
    "not JSON in UTF-8, at column {column:n}": "不是 UTF-8 的 JSON，见第 {column} 列",
    "not in canonical form (RFC 8785)": "不是标准写法（RFC 8785）",
    "no JSON object": "不是 JSON 对象",
    "a text in it is no whole Unicode text": "其中有不完整的 Unicode 文字",
    "it is no JSON value, or nested too deep": "不是 JSON 的值，或嵌套太深",
    "it is a number that JSON does not hold exactly": "是 JSON 不能精确表示的数字",
    "{key} is no JSON value, or nested too deep": "{key} 不是 JSON 的值，或嵌套太深",
    "{key} is a number that JSON does not hold exactly": "{key} 是 JSON 不能精确表示的数字",
    "{key} is missing": "缺少 {key}",
    "it has a key that is not known": "有不认识的键",
    "{key} is not {format:n}": "{key} 不是 {format}",
    "{key} is not {wanted:part}": "{key} 不是{wanted}",
    "{key} is no instant in UTC with microseconds": "{key} 不是写到微秒的 UTC 时间",
    "{key} is not made of sections": "{key} 不是由各部分组成",
    "{key} is not names and a commitment": "{key} 不是名称和承诺值",
    "{key} or {other} is not a text": "{key} 或 {other} 不是文字",
    "a name": "名称",
    "a word": "一个词",
    "a whole number from 0": "从 0 起的整数",
    "an object": "对象",
    "a digest": "摘要",
}
