"""The words of the norm in Chinese; in English they are what stands in the rule files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ZH_WORDS: Final[Mapping[str, str]] = {
    "classify": "分类",
    "screen": "接入",
    "hangup": "挂机",
    "blocklist": "黑名单",
    "normal": "常规",
    "repeat_complaint": "非常规客户",
    "nuisance": "无价值来电",
    "accept": "接入",
    "divert": "分流",
    "reject": "拒接",
    "continue": "继续",
    "soothe": "安抚",
    "explain": "解释",
    "warn": "提醒",
    "escalate": "升级",
    "offer_close": "等待后可挂机",
    "hang_up_politely": "礼貌挂机",
    "hang_up": "挂机",
    "none": "不屏蔽",
    "propose_block": "建议屏蔽",
    "block": "屏蔽",
    "beyond_business_rule": "超出业务规则",
    "after_final_result": "已有最终结论",
    "harassment": "骚扰",
    "abuse": "辱骂",
    "out_of_scope": "业务范围外",
    "agent": "坐席",
    "system": "系统",
    # decision points
    "offered": "接听前",
    "in_call": "通话中",
    "ended": "通话后",
    # statuses of rules
    "draft": "草稿",
    "shadow": "影子",
    "pilot": "试点",
    "enforced": "执行",
    "retired": "停用",
    # terms of blocks
    "day": "一天",
    "week": "一周",
    "month": "一个月",
    "permanent": "永久",
    # groups of public service numbers
    "emergency": "紧急",
    "regulator": "监管",
    "helpline": "援助",
    # what must also be done
    "record_call": "保存录音",
    "record_outcome": "记录处理结果",
    "notify_agent": "提示坐席",
    "notify_back_office": "通知后台",
    "notify_team_leader": "通知班组长",
    "show_card": "弹出提示卡",
    "call_back": "回拨",
    "transfer_with_notes": "转接并附说明",
    "open_case": "建立个案",
}
