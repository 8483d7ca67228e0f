"""What the commands on the audit trail and the store say, in their two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callpolicy.cli.options import Language

_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # headings of tables
    "writer": ("writer", "写入者"),
    "records": ("records", "记录数"),
    "last_digest": ("digest of the last record", "最后一条记录的摘要"),
    "place": ("place", "位置"),
    "record": ("record", "记录"),
    "break": ("what is wrong", "异常"),
    "what": ("what", "内容"),
    "count": ("count", "数量"),
    "when": ("when", "时间"),
    "kind": ("kind", "种类"),
    "personal": ("personal part", "个人信息"),
    "fact": ("fact", "事实"),
    "value": ("value", "值"),
    "result": ("result", "结果"),
    "where": ("first difference", "首处不同"),
    "table": ("table", "数据表"),
    "rows": ("rows", "行数"),
    "state": ("state", "状态"),
    "list": ("list", "名单"),
    "revision": ("revision", "版本"),
    "from": ("from", "自"),
    "until": ("until", "至"),
    "kept_for": ("kept for", "保存期限"),
    "older_than": ("older than", "早于"),
    "erased": ("erased", "已清除"),
    "would_erase": ("would be erased", "将清除"),
    # head
    "heads": ("Heads of the audit trail, {at}", "审计链末端，{at}"),
    "read_out": ("to print, read out or have stamped:", "可打印、口头核对或加盖时间戳："),
    "no_records": ("there is no audit record yet", "还没有审计记录"),
    "written": ("written: {file}; keep it where nobody who writes the trail can change it",
                "已写入：{file}；请存放在写入审计记录的人无法改动的地方"),
    # verify
    "verifying": ("verifying", "核验"),
    "sound": ("the trail is what was written", "审计链完整，未发现改动"),
    "broken": ("THE TRAIL WAS CHANGED", "审计链被改动"),
    "first": ("first: {break_}", "首处：{break_}"),
    "more_breaks": ("breaks: {count}; `--all` lists them", "共 {count} 处，可用 `--all` 全部列出"),
    "against": ("held against the head of {at}, {digest}", "已与 {at} 的链末端核对，{digest}"),
    "not_against": (
        "held against no head: a cut end, or a chain made anew, cannot be seen; see `callpolicy audit head`",
        "未与链末端核对：末尾被截断或整链重做无法发现，见 `callpolicy audit head`",
    ),
    "count.records": ("records", "记录"),
    "count.writers": ("writers", "写入者"),
    "count.parts": ("personal parts that open and match", "可打开且相符的个人信息"),
    "count.erased": ("personal parts that were erased", "已清除的个人信息"),
    "count.never": ("personal parts that were never kept", "从未保存的个人信息"),
    "count.breaks": ("breaks of the chain", "链上异常"),
    "count.part_breaks": ("personal parts that were changed", "被改动的个人信息"),
    "at_record": ("record {position}", "第 {position} 条"),
    "edited": ("it, or its digest, was changed", "记录或其摘要被修改"),
    "edited.anew": (
        "it, or one before it, was changed, and the chain made anew from there",
        "该记录或之前的记录被修改，其后的链被重做",
    ),
    "edited.beside": (
        "what stands beside it was changed: by it the record is found, and its personal part erased",
        "记录旁的检索列被修改，会影响查找和按期清除",
    ),
    "deleted": ("records before it are gone", "此前有记录被删除"),
    "inserted": ("it was never written", "插入了从未写入的记录"),
    "swapped": ("it stands in the place of another one", "记录次序被调换"),
    "truncated": ("the end of the chain is gone", "链的末尾被截断"),
    "duplicate": ("it stands in the trail twice", "同一记录出现两次"),
    "wrong-writer": ("it is no part of the chain of its writer", "不属于所称写入者的链"),
    "bad-form": ("it is no record: {message}", "不是合格的记录：{message}"),
    "part-changed": ("its personal part was changed", "其个人信息被改动"),
    "part-without-record": ("a personal part without a record", "有个人信息而无对应记录"),
    # export
    "exported": (
        "{file}: records {count}; personal parts are not in it",
        "{file}：{count} 条记录；不含个人信息部分",
    ),
    "exporting": ("exporting", "导出"),
    # show
    "of_record": ("Record {record}: {kind}", "记录 {record}：{kind}"),
    "kind.decision": ("decision", "决定"),
    "kind.act": ("act", "操作"),
    "kind.activation": ("a norm went live", "规范上线"),
    "kind.failure": ("failure", "故障"),
    "personal.kept": ("kept", "保存中"),
    "personal.erased": ("erased", "已清除"),
    "personal.never": ("never kept", "从未保存"),
    "personal.none": ("none", "无"),
    "personal_is": ("personal part: {state}", "个人信息：{state}"),
    "live": ("live {spans}", "上线时间 {spans}"),
    "live_span": ("{begin} to {end}", "{begin} 至 {end}"),
    "live_on": ("{begin} until now", "{begin} 至今"),
    "live_unknown": ("when it was live is not on record", "上线时间未见记录"),
    "not_kept": (
        "the norm that decided is not kept as it was: titles and reasons of its rules are not known",
        "当时的规范已无原样保存：无法给出规则标题和理由",
    ),
    "still_known": (
        "the personal values were erased: what is left is the decision, its rules, and the facts below",
        "个人信息已清除：仍可知的是决定、规则和下列事实",
    ),
    "hidden_facts": ("not shown: {names}", "不予显示：{names}"),
    "facts": ("Facts", "事实"),
    "several": (
        "records of `{ref}`: {count}\n`callpolicy audit show NAME` shows one, by its name in the column `record`",
        "{ref} 的记录共 {count} 条\n用“记录”一列的名称查看其中一条：`callpolicy audit show 名称`",
    ),
    "who": ("who", "操作人"),
    "act": ("what", "操作"),
    "subject": ("to", "对象"),
    "reason": ("reason", "理由"),
    "text": ("text", "内容"),
    "roles": ("roles", "岗位"),
    "evidence": ("evidence", "依据"),
    "term": ("term", "期限"),
    "rules": ("rules", "规则"),
    "owner": ("owner", "负责人"),
    "value_masked": ("whom", "涉及客户"),
    "move": ("in full", "具体"),
    "led": ("state after it", "之后的状态"),
    "not_here": ("{id} (not on record here)", "{id}（此处无记录）"),
    "row_of_file": ("{id} (a row of a file)", "{id}（文件中的一行）"),
    "code": ("code", "代码"),
    "point": ("decision point", "决策点"),
    "effect": ("effect", "处理"),
    "number": ("number", "数量"),
    "no_clear": (
        "the norm that decided declares no fact clear (`privacy.clear`), so that nothing more is shown",
        "当时的规范没有声明可明示的事实（privacy.clear），不再显示更多",
    ),
    # remake
    "remaking": ("making again", "重做"),
    "same": ("same", "相同"),
    "differs": ("differs", "不同"),
    "remake.erased": ("erased", "已清除"),
    "unknown-revision": ("norm not kept", "规范未保存"),
    "changed": ("record changed", "记录被改动"),
    "is_same": ("the same comes of it again, byte for byte", "重做结果逐字节相同"),
    "is_differs": ("something else comes of it now, first at `{where}`", "重做结果不同，首处在 {where}"),
    "is_erased": ("its personal values were erased, so that it cannot be made again", "个人信息已清除，无法重做"),
    "is_unknown-revision": (
        "the norm that decided is not kept as it was, so that it cannot be made again",
        "当时的规范已无原样保存，无法重做",
    ),
    "is_changed": (
        "its record was changed; see `callpolicy audit verify`",
        "记录被改动，见 `callpolicy audit verify`",
    ),
    "remade": ("Decisions made again", "重做的决定"),
    # store
    "created": ("{name}: a new store, schema {schema}", "{name}：已新建存储，表结构 {schema}"),
    "there_already": ("{name}: there already, schema {schema}", "{name}：已经存在，表结构 {schema}"),
    "secret_at": ("secret: {place}", "密钥文件：{place}"),
    "secret_why": (
        "back it up, apart from the store: without it nobody in the store is found, and with both everybody is",
        "请备份，且与存储分开存放：没有它，存储中的客户无法识别；两者在一起，则人人可识别",
    ),
    "migrated": ("{name}: from schema {old} to {new}", "{name}：表结构由 {old} 升级到 {new}"),
    "not_migrated": ("{name}: of schema {new} already", "{name}：表结构已是 {new}"),
    "pruned": ("Retention as of {at}", "按保存期限清除，截至 {at}"),
    "dry": ("nothing was erased (`--dry-run`)", "没有清除任何内容（`--dry-run`）"),
    "recorded_as": ("recorded: {record}, by {person}", "已记入审计：{record}，{person}"),
    "by_revision": ("as declared by revision {revision}", "依据版本 {revision} 的声明"),
    "history": ("callers' histories", "来电历史"),
    "cases": ("complaint cases", "投诉个案"),
    "blocks": ("blocks and allowlist entries", "屏蔽与白名单条目"),
    "parts": ("personal parts of audit records", "审计记录中的个人信息"),
    "history_before": ("callers' histories older than", "来电历史早于"),
    "cases_before": ("complaint cases older than", "投诉个案早于"),
    "blocks_before": ("blocks and allowlist entries older than", "屏蔽与白名单条目早于"),
    "parts_before": ("personal parts of audit records older than", "审计记录中的个人信息早于"),
    "begun": ("announced in record", "开始清除的记录"),
    "unfinished": ("not all of it erased", "未清除完"),
    "forced": ("clock vouched for in record", "确认时钟无误的记录"),
    "pruned_by": ("erased as of", "清除依据的时间"),
    "set_back": ("history kept again by record", "恢复保存来电历史的记录"),
    "kept_from": ("history is kept from", "来电历史保存起点"),
    "kept_from_before": ("history was kept from", "来电历史原保存起点"),
    "the_store": ("the store", "存储"),
    "clock_doubted": (
        "{at} lies more than 7 days after the newest audit record, {newest}; if the clock is right, erase with "
        "`--force`",
        "{at} 比最新的审计记录 {newest} 晚 7 天以上；如时间无误，清除时须加 `--force`",
    ),
    "clock_forced": (
        "erased with `--force`: {at} lies more than 7 days after the newest audit record, {newest}",
        "已按 `--force` 清除：{at} 比最新的审计记录 {newest} 晚 7 天以上",
    ),
    "would_set_back": (
        "history is kept only from {found}, which lies in the future; without `--dry-run` it is kept from {again} "
        "again",
        "来电历史只从 {found} 起保存，该时间晚于现在；不加 `--dry-run` 时改回从 {again} 起保存",
    ),
    "was_set_back": (
        "history was kept only from {found}, which lies in the future; it is kept from {again} again",
        "来电历史原来只从 {found} 起保存，该时间晚于现在；已改回从 {again} 起保存",
    ),
    "no_history": (
        "THAT LIES IN THE FUTURE: no history is kept until then, and rules that count calls see none; "
        "with a right clock `callpolicy store prune` sets it back",
        "该时间晚于现在：此前的来电历史一概不保存，按次数判断的规则看不到来电；"
        "时钟校准后运行 `callpolicy store prune` 即可改回",
    ),
    "stats": ("{name}", "{name}"),
    "schema": ("schema", "表结构"),
    "size": ("size on disk", "占用磁盘"),
    "secret": ("secret", "密钥文件"),
    "oldest": ("oldest record", "最早记录"),
    "newest": ("newest record", "最新记录"),
    "index": ("index of the lists", "名单索引"),
    "index_is": ("keys {count}, {size} of memory in each process", "{count} 个键，每个进程占内存 {size}"),
    "spool": ("waiting to be written", "等待写入"),
    "spool_is": ("things {things} in files {files}", "{files} 个文件中的 {things} 项"),
    "by_table": ("Rows", "各表行数"),
    "by_state": ("List entries", "名单条目"),
    "by_revision_live": ("Revisions", "规范版本"),
    "blocklist": ("blocklist", "黑名单"),
    "allowlist": ("allowlist", "白名单"),
    "plain": ("all entries", "全部条目"),
    "stat": ("{name}: {value}", "{name}：{value}"),
    "table_holds": ("what it holds", "内容"),
    "holds.history": ("calls and outcomes of callers", "来电历史"),
    "holds.tallies": ("how many of them each caller has", "每位来电人的历史条数"),
    "holds.case_events": ("what was heard of complaint cases", "投诉个案的事件"),
    "holds.entries": ("blocks and allowlist entries", "屏蔽与白名单条目"),
    "holds.covers": ("whom each of them covers", "每个条目覆盖的对象"),
    "holds.shapes": ("how wide they cover", "覆盖范围的形式"),
    "holds.audit": ("the audit trail", "审计记录"),
    "holds.parts": ("personal parts of audit records", "审计记录中的个人信息"),
    "holds.revisions": ("norms that decided", "用过的规范版本"),
    "holds.activations": ("when each of them went live", "各版本的上线时间"),
    "holds.state": ("counters of the store", "存储自身的计数"),
    "still": ("still", "至今"),
}  # fmt: skip

_ACTS: Final[Mapping[str, tuple[str, str]]] = {
    "propose": ("propose a block", "提议"),
    "confirm": ("confirm", "确认"),
    "activate": ("enter the block", "录入生效"),
    "review": ("review", "复核"),
    "appeal": ("take an appeal down", "受理申诉"),
    "decide_appeal": ("decide an appeal", "申诉裁定"),
    "lift": ("lift", "解除"),
    "allow": ("put on the allowlist", "加入白名单"),
    "disallow": ("take off the allowlist", "移出白名单"),
    "case_explain": ("case: an explanation", "个案：登记解释"),
    "case_result": ("case: the final result", "个案：登记最终结论"),
    "case_new_fact": ("case: a new fact", "个案：登记新事实"),
    "prune": ("erase by retention", "按保存期限清除"),
    "prune_begin": ("begin to erase by retention", "开始按保存期限清除"),
    "prune_force": ("vouch for the clock", "确认时钟无误"),
    "history_set_back": ("keep history again", "恢复保存来电历史"),
}


def said(key: str, language: Language, **values: object) -> str:
    """One of the texts, with its values filled in."""
    english, chinese = _TEXTS[key]
    return (chinese if language is Language.ZH else english).format_map(values)


def named(key: str, language: Language) -> str:
    """What a part of a record is called; one that has no word of its own keeps its name."""
    return said(key, language) if key in _TEXTS else key


def act_word(act: str, language: Language) -> str:
    """What was done, or as what it counted, in words; JSON has its name.

    >>> act_word("lift", Language.EN), act_word("lift", Language.ZH), act_word("review_keep", Language.ZH)
    ('lift', '解除', '复核：维持')
    """
    from callpolicy.cli import block_texts

    words = _ACTS.get(act)
    if words is not None:
        return words[language is Language.ZH]
    return block_texts.said(f"act.{act}", language) if block_texts.knows(f"act.{act}") else act


def state_word(state: str, language: Language) -> str:
    """A state of a list entry."""
    from callpolicy.cli import block_texts

    if state == "plain":
        return said(state, language)
    return block_texts.said(state, language) if block_texts.knows(state) else state


def table_word(name: str, language: Language) -> str:
    """What a table of the store holds; empty for one that has no word."""
    return said(f"holds.{name}", language) if f"holds.{name}" in _TEXTS else ""
