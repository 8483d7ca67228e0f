"""Folding: texts that a reader takes for the same become the same characters, and every character knows where it stood.

- Each character is decomposed for compatibility (NFKD), loses its marks and its case; full-width becomes half-width.
  Texts that are equal under NFC fold alike, under NFKC too but for an acute accent typed for an apostrophe (`don´t`).
- Traditional characters that occur in the word lists become simplified ones.
- Spaces, dashes and decoration (`* _ ~ | / ·`) are one space between words, and nothing next to a Chinese character.
  A single dot or apostrophe between two Chinese characters is nothing too.
- A comma is a space between words of an alphabet. Other punctuation, and a comma next to Chinese, ends the phrase.
- An apostrophe inside a word belongs to the word: `he'll` is one word, and it is not `hell`.

Source: Unicode Standard Annex 15, Unicode Normalization Forms.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

PHRASE_END: Final = "\n"
"""What stands in a folded text where a phrase ends. No term contains it."""

# What a folded character is. The first three are kept, the last two leave no trace.
_WORD: Final = 0  # letters and digits of a script that writes words apart
_HAN: Final = 1
_OTHER: Final = 2  # part of no word: emoji, currency signs, scripts that do not write words apart
_SOFT: Final = 3  # space, dash, decoration
_COMMA: Final = 4
_DOT: Final = 5
_APOSTROPHE: Final = 6
_STOP: Final = 7
_MARK: Final = 8  # belongs to the character before it
_NOTHING: Final = 9

_BY_CATEGORY: Final = {
    "Lu": _WORD, "Ll": _WORD, "Lt": _WORD, "Lm": _WORD, "Nd": _WORD, "Nl": _WORD, "No": _WORD,
    "Zs": _SOFT, "Zl": _SOFT, "Zp": _SOFT, "Cc": _SOFT, "Pd": _SOFT, "Pc": _SOFT,
    "Po": _STOP, "Ps": _STOP, "Pe": _STOP, "Pi": _STOP, "Pf": _STOP,
    "Mn": _MARK, "Mc": _MARK, "Me": _MARK, "Cf": _NOTHING,
}  # fmt: skip
_APOSTROPHES: Final = frozenset("'‘’‛ʹʻʼʽˈ`´\u1ffd′")
_DECORATION: Final = frozenset("*·•・‧∙●~|/\\+=^#")
# WHY: NFKD makes several dots of them, and a single dot may stand inside a spaced-out word.
_PAUSES: Final = frozenset("…‥⋯")
# Letters by their category, shown as nothing.
_INVISIBLE: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")

# WHY: a full conversion needs a dictionary; these are the characters of the shipped word lists, one for one.
# Source: OpenCC, data/dictionary/TSCharacters.txt (Apache-2.0), first choice of each character.
_TRADITIONAL: Final = (
    "丟乾亂來侷係俬個們倖傢債傷僕價儘償優兒內兩凍別剷勁動務勞勢協卽厭參員唸問啞喪喫單嗎噁噴噹嚮國圍圓"
    "報場塗墊墻壓壞夠夾姦婦媽嬌孃孫學審寫寬寶將專尋對導屍屬島師帳帶幫幹幾庫廠廢廣弔強彆彈彔彫後徑復徵"
    "恥悶惡惱愛態慮憑憤戲戶掛揚換損搖摺撥撲擊擔擬擼擾敎敗數斃斷於時暫曏書會朮東査條業極榦構樓樣機橫檢"
    "檯權歸殘殺殻殼氣決沒洩淚渾溼滅滾滿潑潰濕為烏無煙煩熱燈燒燙營爛爲爺牀牆犢狀獄獲獸現琱瑪環產産異當"
    "痠瘋癟癡癢癱發盃盜盡監盤盪眞碼種穫窩筆箇節簡簫糞糧紀約紅純級紹終結絕絡給統絲絶經綠綫維網緊緑緒線"
    "練縮縱總繫繼續纔罵羣義翫聞聯聲職聽聾脅脩脫腎腦臉臟臥臺與興舉舘莖菸葯蒐蓆蔘蕩藝藥處號虧蝸術衕衚衛"
    "裏補裝裡複褲襪覈見規視親覺訂討記訟訪訴証詐評詛詞詢話該認語誠誤說説課調談諉請諧講謝謬證譜護變讓讚"
    "豈豐豬貓貝負貨責買貸費資賠賣賤質賬賴賺贊趕車軟軸較輕輩輪輯轉轟辦農迴這連週進遊運過達違遞還邊邏郵"
    "鄉醫釋針釦鉆銀錄錢錯録錶鍵鍼鎖鏟鑑鑒鑽長門閉開間閤闆關陰隊際險隱隻雜雞離電霧靈韆頂順須預頓領頭頻"
    "題額顏顔類顯颱飯養館餬餵饒馬駡騙騷驢髒體髮鬍鬚鬧鵰鷄麪麫麵麼麽黃點齡齣龜"
)
_SIMPLIFIED: Final = (
    "丢干乱来局系私个们幸家债伤仆价尽偿优儿内两冻别铲劲动务劳势协即厌参员念问哑丧吃单吗恶喷当向国围圆"
    "报场涂垫墙压坏够夹奸妇妈娇娘孙学审写宽宝将专寻对导尸属岛师帐带帮干几库厂废广吊强别弹录雕后径复征"
    "耻闷恶恼爱态虑凭愤戏户挂扬换损摇折拨扑击担拟撸扰教败数毙断于时暂向书会术东查条业极干构楼样机横检"
    "台权归残杀壳壳气决没泄泪浑湿灭滚满泼溃湿为乌无烟烦热灯烧烫营烂为爷床墙犊状狱获兽现雕玛环产产异当"
    "酸疯瘪痴痒瘫发杯盗尽监盘荡真码种获窝笔个节简箫粪粮纪约红纯级绍终结绝络给统丝绝经绿线维网紧绿绪线"
    "练缩纵总系继续才骂群义玩闻联声职听聋胁修脱肾脑脸脏卧台与兴举馆茎烟药搜席参荡艺药处号亏蜗术同胡卫"
    "里补装里复裤袜核见规视亲觉订讨记讼访诉证诈评诅词询话该认语诚误说说课调谈诿请谐讲谢谬证谱护变让赞"
    "岂丰猪猫贝负货责买贷费资赔卖贱质账赖赚赞赶车软轴较轻辈轮辑转轰办农回这连周进游运过达违递还边逻邮"
    "乡医释针扣钻银录钱错录表键针锁铲鉴鉴钻长门闭开间合板关阴队际险隐只杂鸡离电雾灵千顶顺须预顿领头频"
    "题额颜颜类显台饭养馆糊喂饶马骂骗骚驴脏体发胡须闹雕鸡面面面么么黄点龄出龟"
)
_TO_SIMPLIFIED: Final = dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True))


class Folded(NamedTuple):
    """A folded text.

    Args:
        text: what is left of the text.
        starts: where the i-th character of `text` began in the original.
        ends: one after where it ended in the original, its marks included.
    """

    text: str
    starts: list[int]
    ends: list[int]


def fold(text: str) -> Folded:
    """Fold a text. The time is linear in its length.

    Args:
        text: any text, in any script, also with lone surrogates.

    Returns:
        The folded text with the places of its characters. Units: places are characters of the original text.

    Examples:
        >>> fold("ＦＵＬＬ,  width").text
        'full width'
        >>> fold("投 訴").text == "投诉"
        True
    """
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    before = _NOTHING
    gap: list[int] = []
    gap_start = 0
    for place, raw in enumerate(text):
        for char, kind in _fold_char(raw):
            if kind <= _OTHER:
                if gap:
                    separator = _separator(before, gap, kind) if chars else ""
                    if separator:
                        chars.append(separator)
                        starts.append(gap_start)
                        ends.append(place)
                    gap.clear()
                chars.append(char)
                starts.append(place)
                ends.append(place + 1)
                before = kind
            elif kind == _MARK:
                if chars and not gap:
                    ends[-1] = place + 1
            elif kind != _NOTHING:
                if not gap:
                    gap_start = place
                gap.append(kind)
    return Folded("".join(chars), starts, ends)


def in_word(char: str) -> bool:
    """Tell whether a character of a folded text is part of a word of an alphabet, an inner apostrophe included.

    Args:
        char: one character of `Folded.text`.
    """
    return char == "'" or _kind(char) == _WORD


def _separator(before: int, gap: list[int], after: int) -> str:
    """What stays between two kept characters: nothing, an apostrophe, a space or the end of a phrase."""
    kinds = set(gap)
    alone = gap[0] if len(gap) == 1 else _NOTHING
    if _HAN in (before, after):
        spaced_out = before == after and alone in (_DOT, _APOSTROPHE)
        return "" if spaced_out or kinds == {_SOFT} else PHRASE_END
    if alone == _APOSTROPHE and before == after == _WORD:
        return "'"
    return " " if kinds <= {_SOFT, _COMMA, _APOSTROPHE} else PHRASE_END


@lru_cache(maxsize=1 << 16)
def _fold_char(raw: str) -> tuple[tuple[str, int], ...]:
    if raw in _APOSTROPHES:
        return (("'", _APOSTROPHE),)
    if raw in _PAUSES:
        return ((raw, _STOP),)
    if raw.isspace():
        return ((" ", _SOFT),)
    folded = unicodedata.normalize("NFKD", raw).casefold()
    simplified = (_TO_SIMPLIFIED.get(char, char) for char in folded)
    return tuple((char, _kind(char)) for char in simplified)


@lru_cache(maxsize=1 << 16)
def _kind(char: str) -> int:
    if "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff" or char in "\u3005\u3007":
        return _HAN
    if char in _INVISIBLE:
        return _NOTHING
    if char in _APOSTROPHES:
        return _APOSTROPHE
    if char in _DECORATION:
        return _SOFT
    if char in ",、":
        return _COMMA
    if char == ".":
        return _DOT
    return _BY_CATEGORY.get(unicodedata.category(char), _OTHER)
