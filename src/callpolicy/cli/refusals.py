"""What a refusal by governance is in words, per code: what was refused, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Refusal(NamedTuple):
    """What is said of one code. The English sentence is that of the error itself.

    `{roles}` stands for the roles that may, `{most}` for the longest reason that the norm allows.

    Args:
        zh: what was refused, in zh-CN.
        do_en: what to do.
        do_zh: the same in zh-CN.
    """

    zh: str
    do_en: str
    do_zh: str


REFUSALS: Final[Mapping[str, Refusal]] = {
    # who may
    "role-missing": Refusal("此人没有所需的岗位", "who may: {roles}", "有权操作的岗位：{roles}"),
    "role-missing/staff": Refusal(
        "规范没有给此人这个岗位",
        "act in a role that the norm gives this person, or leave `--role` out",
        "只能用规范给此人的岗位；也可以不写 `--role`",
    ),
    "not-of-the-staff": Refusal(
        "规范写明了人员，其中没有此人",
        "write the person under `staff` in `governance.yaml`, or let somebody act who stands there",
        "在 `governance.yaml` 的 `staff` 中写入此人，或由其中的人操作",
    ),
    "self-approval": Refusal(
        "本人提议的，不能由本人确认", "another person who may judge must do it", "须由另一名有判定权的人确认"
    ),
    "same-person-twice": Refusal(
        "同一人不能确认两次", "another person who may judge must do it", "须由另一名有判定权的人确认"
    ),
    "second-person-missing": Refusal(
        "尚未录入：还须另一人确认", "another person who may judge must do it", "须由另一名有判定权的人确认"
    ),
    "decided-before": Refusal(
        "参与过屏蔽判定的人，不能裁定对它的申诉",
        "another person who may judge must do it",
        "须由另一名有判定权的人裁定",
    ),
    "own-appeal": Refusal(
        "受理申诉的人，不能裁定该申诉", "another person who may judge must do it", "须由另一名有判定权的人裁定"
    ),
    "system-may-not": Refusal("系统不能自行处理，须由人员决定", "let a person do it", "由人员处理"),
    "not-confirmed": Refusal("系统只能录入自己提议的屏蔽", "let a person confirm it", "先由人员确认"),
    "automatic-not-allowed": Refusal("规范不允许系统自行屏蔽", "let a person propose it", "由人员提议"),
    "automatic-term-too-long": Refusal("系统自行屏蔽的期限超过上限", "let a person confirm it", "由人员确认"),
    "automatic-too-wide": Refusal("系统只能屏蔽单个来电人，不能屏蔽号段", "let a person confirm it", "由人员确认"),
    # whom
    "protected-caller": Refusal(
        "受保护的号码，任何时候都不屏蔽",
        "take it off; look at whom `policy.yaml` protects",
        "不要屏蔽；受保护的号码见 `policy.yaml`",
    ),
    "emergency-number": Refusal("紧急号码，任何时候都不屏蔽", "take it off", "不要屏蔽"),
    "allowlisted-caller": Refusal(
        "来电人在白名单中，不能屏蔽",
        "end the entry first if it is no longer right: `callpolicy allow list`",
        "白名单条目若已不成立，先将其结束：`callpolicy allow list`",
    ),
    "not-canonical": Refusal("不是规范形式的号码，屏蔽不到任何人", "write the number in full", "写出完整号码"),
    "too-wide": Refusal(
        "号段或范围太宽，覆盖的来电人太多", "take a narrower one, or single numbers", "改用更窄的号段，或逐个列出号码"
    ),
    "width-not-declared": Refusal(
        "规范没有允许该地区的号段或范围",
        "list single numbers, or declare it under `shortest_prefix`",
        "逐个列出号码，或在 `shortest_prefix` 中声明",
    ),
    "too-narrow": Refusal("号段的位数超过任何号码，屏蔽不到任何人", "write fewer digits", "少写几位"),
    # what it rests on
    "reason-missing": Refusal("没有写明原因", "say why, with `--reason`", "用 `--reason` 写明原因"),
    "owner-missing": Refusal(
        "没有写明谁对白名单条目负责", "say who answers for it, with `--owner`", "用 `--owner` 写明负责人"
    ),
    "text-missing": Refusal("没有写明内容", "write down what it is with `--text`", "用 `--text` 写明内容"),
    "before-the-case": Refusal(
        "时间早于个案开始", "look at `--at`; see `callpolicy case show`", "核对 `--at`；见 `callpolicy case show`"
    ),
    "reason-too-long": Refusal(
        "原因超过 {most} 字", "shorten it; the rest belongs in the case", "缩短原因，其余写入个案"
    ),
    "evidence-missing": Refusal(
        "提议没有依据任何一个决定", "name decisions with `--evidence`", "用 `--evidence` 写明所依据的决定"
    ),
    "evidence-from-future": Refusal("作为依据的决定晚于本次操作", "look at `--at`", "核对 `--at`"),
    "evidence-of-another": Refusal(
        "作为依据的决定针对的是其他来电人，或来电人身份不明",
        "name a decision about this caller; `callpolicy audit show` says what a decision was",
        "写明针对此来电人的决定；各项决定见 `callpolicy audit show`",
    ),
    "evidence-erased": Refusal(
        "所依据的决定，其个人信息已清除，无法得知针对谁",
        "name a later decision about this caller; without one the caller stays free",
        "写明针对此来电人的较新决定；没有则不得屏蔽",
    ),
    "no-new-evidence": Refusal(
        "同一来电人的屏蔽已被解除，此后没有新的依据",
        "name a decision made since; without one the caller stays free",
        "写明解除之后的决定；没有新的依据，不得再次屏蔽",
    ),
    "evidence-not-on-record": Refusal(
        "同一来电人的屏蔽已被解除，此后的依据此处没有记录",
        "name a decision made since that is on record in this store; without one the caller stays free",
        "写明解除之后、此处有记录的决定；没有则不得再次屏蔽",
    ),
    # terms
    "term-missing": Refusal("规范没有阶梯期限，须写明屏蔽多久", "say how long with `--term`", "用 `--term` 写明期限"),
    "term-without-governance": Refusal(
        "规范没有写明这一期限由谁判定、操作、维护",
        "take a term that `governance.yaml` declares",
        "改用 `governance.yaml` 中有的期限",
    ),
    "not-shorter": Refusal("新的期限不比原来的早结束", "take a shorter term", "改用更短的期限"),
    "not-longer": Refusal("新的期限不比原来的晚结束", "take a longer term", "改用更长的期限"),
    "end-missing": Refusal(
        "没有写明白名单条目何时到期",
        "say until when, with `--until` or `--for`",
        "用 `--until` 或 `--for` 写明到期时间",
    ),
    "term-too-long": Refusal(
        "白名单条目超过规范允许的最长时间，或没有写到期时间",
        "take an earlier end, with `--until` or `--for`",
        "用 `--until` 或 `--for` 写较早的到期时间",
    ),
    "already-over": Refusal("白名单条目的结束早于开始", "look at `--until` and `--at`", "核对 `--until` 和 `--at`"),
    "begins-later": Refusal("将来才生效，现在不能列入", "import it when it begins", "到生效时再导入"),
    # the state
    "duplicate-block": Refusal("已有同一编号的屏蔽", "see `callpolicy block show`", "见 `callpolicy block show`"),
    "no-block": Refusal("还没有这条屏蔽", "propose one first", "先提议"),
    "block-is-over": Refusal(
        "这条屏蔽已经结束，不再变更", "propose a new one on new evidence", "如有新的依据，另行提议"
    ),
    "not-in-this-state": Refusal(
        "屏蔽现在的状态不允许这样操作",
        "see what it waits for: `callpolicy block show ID`",
        "查看它在等什么：`callpolicy block show 编号`",
    ),
    "act-out-of-order": Refusal("时间早于这条屏蔽的上一次操作", "look at `--at`", "核对 `--at`"),
    "entry-is-over": Refusal("这条白名单条目已经结束，不再变更", "add a new one if it is needed", "如有需要，另行添加"),
    "no-appeal": Refusal(
        "没有待裁定的申诉", "take one down first: `callpolicy block appeal`", "先受理申诉：`callpolicy block appeal`"
    ),
    "appeal-waits": Refusal(
        "有申诉正待裁定",
        "decide it first: `callpolicy block decide-appeal`",
        "先裁定申诉：`callpolicy block decide-appeal`",
    ),
    "nothing-to-confirm": Refusal("已经确认过，也没有待确认的延长", "nothing needs to be done", "无需处理"),
    # what is shown
    "not-clear": Refusal(
        "规范不允许以明文显示",
        "leave `--clear` out, or name the fact under `privacy.clear` in `policy.yaml`",
        "不用 `--clear`，或在 `policy.yaml` 的 `privacy.clear` 中写明该事实",
    ),
}
"""Code of a `GovernanceError`, or `code/rule` where one rule needs other words → what is said of it."""
