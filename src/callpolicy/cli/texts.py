"""What the command line itself says, in its two languages. Texts of the norm come from the norm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callpolicy.cli.options import Language
from callpolicy.reports.norm_words import ZH_WORDS

_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # headings of tables
    "fact": ("fact", "事实"),
    "value": ("value", "值"),
    "stage": ("stage", "阶段"),
    "effect": ("effect", "处理"),
    "by": ("by", "执行者"),
    "rule": ("rule", "规则"),
    "rules": ("determining rules", "决定性规则"),
    "title": ("title", "标题"),
    "calls": ("calls", "通话数"),
    "class": ("class", "客户类别"),
    "code": ("code", "代码"),
    "count": ("count", "数量"),
    "decisions": ("decisions", "决定数"),
    "lines": ("first lines", "首几行"),
    "rows": ("rows", "行数"),
    "detail": ("about", "有关"),
    "invariant": ("invariant", "底线规则"),
    "offset": ("time", "时间"),
    "call": ("call", "通话"),
    "event": ("event", "事件"),
    "expected": ("expected", "期望"),
    "why": ("why", "原因"),
    "type": ("type", "类型"),
    "known_from": ("known from", "何时可知"),
    "name": ("name", "名称"),
    "planted": ("planted", "预置"),
    "found": ("found", "找到"),
    "share": ("share", "比例"),
    "what": ("what", "内容"),
    "country": ("country", "国家或地区"),
    "number": ("number", "号码"),
    "group": ("group", "类别"),
    "source": ("source", "来源"),
    "checked": ("checked", "核对月份"),
    # titles of tables
    "can_hold": (
        "Restrictive rules that another rule can hold while facts are unknown",
        "事实未知时可能被其他规则从宽的限制性规则",
    ),
    "by_class": ("Calls by class", "按客户类别"),
    "by_effect": ("Calls by stage and effect", "按阶段和处理"),
    "by_rule": ("Calls by determining rule", "按决定性规则"),
    "held": ("Outcomes made kinder by a rule that may match", "因可能匹配的规则而从宽"),
    "invariants": ("Outcomes made kinder by an invariant", "因底线规则而从宽"),
    "shadow": ("What shadow rules would have changed", "影子规则会带来的变化"),
    "input_faults": ("Values that were not taken", "未采用的输入值"),
    "row_faults": ("Rows that could not be taken as they stand", "不能照原样采用的行"),
    "event_faults": ("Events that could not be taken in", "不能接收的事件"),
    "automatic": ("Restrictive effects that the system takes by itself", "系统自动采取的限制性处理"),
    "permitted": ("Restrictive effects that an agent is permitted", "允许坐席采取的限制性处理"),
    "against_truth": ("Found against the truth", "与真实情况对照"),
    # sentences
    "none_restricted": (
        "no caller was rejected, blocked or hung up on by an automatic effect",
        "没有来电人被自动拒接、屏蔽或挂机",
    ),
    "replayed": (
        "calls {calls}, events {events}, decisions {decisions} in {seconds} s ({rate} calls/s)",
        "{calls} 通来电，{events} 个事件，{decisions} 个决定，用时 {seconds} 秒（每秒 {rate} 通）",
    ),
    "rows_read": ("{file}: rows {rows}, calls {calls}", "{file}：{rows} 行，{calls} 通来电"),
    "events_read": ("{file}: events {events}, calls {calls}", "{file}：{events} 个事件，{calls} 通来电"),
    "not_a_call": (
        "rows that the mapping says are no call (not-a-call): {count}, at lines {lines}",
        "映射表规定不算来电的行（not-a-call）：{count} 行，见第 {lines} 行",
    ),
    "and_more": ("… and {count} more", "… 另有 {count} 条"),
    "dropped": (
        "later events of rejected calls that were dropped: {count}",
        "已拒接的通话后续 {count} 个事件不再计入",
    ),
    "diverged": (
        "calls that went on after the system would have ended them: {count}",
        "{count} 通来电在系统本应结束之后仍在继续",
    ),
    "failed": ("decisions in which something failed: {count}", "{count} 个决定中有部分失败"),
    "written": ("written: {file}", "已写入：{file}"),
    "reading": ("reading", "读取"),
    "replaying": ("replaying", "回放"),
    "interrupted": (
        "interrupted after {done} of {total} events; no file was written",
        "已中断：{total} 个事件中处理了 {done} 个；没有写入任何文件",
    ),
    "check_fine": ("the norm is sound: no errors", "规范无误"),
    "check_errors": ("errors: {count}; the norm must not go live", "{count} 个错误：规范不能上线"),
    "warnings": ("warnings: {count}", "{count} 个警告"),
    "not_cross_checked": ("not cross-checked: {why}", "未经交叉核对：{why}"),
    "cross_checked": (
        "cross-checked: {machines} agree on {snapshots} snapshots",
        "已交叉核对：{machines} 在 {snapshots} 个快照上一致",
    ),
    "cross_not_asked": ("ask for it with `--cross-check`", "加上 `--cross-check` 即可核对"),
    "cross_unreadable": ("the norm cannot be read", "规范无法读取"),
    "cross_unavailable": (
        "durable_rules cannot be imported here (it needs Python 3.12 or older and gcc)",
        "此处不能导入 durable_rules（需要 Python 3.12 或更早的版本，以及 gcc）",
    ),
    "cross_not_held": ("`{machine}` cannot hold this norm: {error}", "`{machine}` 容纳不了这份规范：{error}"),
    "counts": (
        "rules: {rules} ({by_stage}; {by_status})\n"
        "examples: {examples}, scenarios: {scenarios}, invariants: {invariants}, windows: {windows}, "
        "lexicons: {lexicons}",
        "{rules} 条规则（{by_stage}；{by_status}）\n"
        "{examples} 个示例，{scenarios} 个场景，{invariants} 条底线规则，{windows} 个窗口，{lexicons} 个词表",
    ),
    "revision": ("revision {revision}", "版本 {revision}"),
    "decision": ("Decision at `{point}`", "决定：{point}"),
    "explanation": ("Why: `{point}`", "为什么：{point}"),
    "say": ("say", "话术"),
    "tell_agent": ("to the agent", "提示坐席"),
    "because": ("because", "理由"),
    "obligations": ("obligations", "须做"),
    "held_by": ("held by", "从宽依据"),
    "acted": ("invariants that acted", "起作用的底线规则"),
    "hidden": ("hidden by protection", "因受保护而未采取"),
    "recheck": ("look again at", "复核时刻"),
    "faults": ("values not taken", "未采用的值"),
    "would": ("shadow would", "影子规则会"),
    "failures": ("failed", "失败"),
    "default": ("default: nothing matched", "默认：没有规则匹配"),
    "nothing_matched": ("no rule matched or may match", "没有规则匹配或可能匹配"),
    "legend": ("✓ true   ✗ false   ? unknown", "✓ 真   ✗ 假   ? 未知"),
    "unknown": ("unknown", "未知"),
    "why_not": ("Why not `{rule}`", "为什么不是 {rule}"),
    "failing": ("what keeps it from matching", "使其不匹配的条件"),
    "it_matched": ("the rule matched", "该规则匹配了"),
    "protected": ("the caller is protected", "来电人受保护"),
    "agent": ("agent may", "坐席可"),
    "system": ("system does", "系统自动"),
    "passed": ("passed", "通过"),
    "scenario_failed": ("FAILED", "未通过"),
    "scenarios_done": ("scenarios passed: {passed} of {total}", "{total} 个场景中 {passed} 个通过"),
    "started": ("{folder}: a norm to start from (files: {files})", "{folder}：可由此开始的规范，{files} 个文件"),
    "next_check": ("next: callpolicy check {folder}", "下一步：callpolicy check {folder}"),
    "simulated": ("calls {calls}, events {events}", "{calls} 通来电，{events} 个事件"),
    "saved": (
        "{file}: a scenario with calls {calls}, steps {steps}; run again it gives the same decisions",
        "{file}：含 {calls} 通来电、{steps} 步的场景；重跑得到同样的决定",
    ),
    "demo_check": ("1. The norm is checked", "1. 检查规范"),
    "demo_simulate": ("2. A day of calls is simulated", "2. 模拟一天的来电"),
    "demo_replay": ("3. The day is put through the norm", "3. 用规范回放这一天"),
    "demo_explain": ("4. One decision, explained", "4. 解释其中一个决定"),
    "demo_record": ("5. The first calls of the day once more, kept on record", "5. 再处理最早的一批来电并留存记录"),
    "kept_of_day": ("kept in a store of SQLite", "保存在 SQLite 中"),
    "on_record": ("audit records", "审计记录"),
    "trail_holds": ("the trail holds, head", "审计链完整，链头"),
    "made_again": ("decisions made again from their records", "由记录重做的决定"),
    "blocks_made": ("blocks by the system", "系统屏蔽"),
    "blocks_proposed": ("blocks proposed to people", "提请人工判定的屏蔽"),
    "cases_kept": ("complaint cases", "投诉个案"),
    "demo_next": ("What to do next", "接下来可以"),
    "missed": ("missed", "未找到"),
    "burst": ("bursts of nuisance calls", "短时间大量骚扰来电"),
    "persistent_abuse": ("persistent abuse", "屡劝不止的辱骂"),
    "repeat_after_final": ("repeat complaints after a final result", "非常规客户：已有最终结论又来电"),
    "repeat_beyond_rule": ("repeat complaints beyond a business rule", "非常规客户：诉求超出业务规则"),
    "wrong_final": ("calls read as after a final result, without one", "没有最终结论却被当作有的来电"),
    "normal_restricted": ("normal calls that were restricted", "被限制的常规来电"),
    "normal_closed": (
        "normal calls that the agent might end, service complete and nothing else needed",
        "服务完成且无其他需要、坐席可以结束的常规来电",
    ),
}  # fmt: skip

_ROLES: Final[Mapping[str, str]] = {
    "determining": "决定结果",
    "holding": "从宽依据",
    "matched": "已匹配",
    "undetermined": "无法判定",
    "not_matched": "未匹配",
    "not_enforced": "未执行",
    "acted": "已起作用",
    "kept": "未违反",
}


def text(key: str, language: Language, **values: object) -> str:
    """One of the texts, with its values filled in."""
    english, chinese = _TEXTS[key]
    return (chinese if language is Language.ZH else english).format_map(values)


def word(name: str, language: Language) -> str:
    """A word of the norm as a reader of the language knows it; its name stays, for it stands in the rule files.

    >>> word("hang_up", Language.EN), word("hang_up", Language.ZH)
    ('hang_up', '挂机 hang_up')
    """
    chinese = ZH_WORDS.get(name)
    return f"{chinese} {name}" if chinese and language is Language.ZH else name


def role(name: str, language: Language) -> str:
    """How a rule took part; these names stand in no rule file, so that a Chinese reader needs no English one."""
    return _ROLES.get(name, name) if language is Language.ZH else name


def title(texts: Mapping[str, str], language: Language) -> str:
    """A text of the norm in a language, else in the first that it has."""
    return texts.get(language) or next(iter(texts.values()), "")
