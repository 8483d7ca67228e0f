"""Invented sentences with the signals that a careful person hears in them, labelled by hand."""

from __future__ import annotations

from typing import Final

ABUSE: Final = "abuse"
AGITATION: Final = "agitation"
HARASSMENT: Final = "sexual_harassment"
NO_NEEDS: Final = "no_further_needs"
PERSON: Final = "asks_for_person"
ROBOCALL: Final = "robocall"
SATISFIED: Final = "satisfied"
SELF_HARM: Final = "self_harm"
SENSITIVE: Final = "sensitive"
THREAT: Final = "threat"

CHINESE: Final[tuple[tuple[str, set[str]], ...]] = (
    # Ordinary calls with dangerous-looking characters.
    ("你好，我想查一下信用卡的账单", set()),
    ("这个页面我操作不了，按钮是灰的", set()),
    ("屏幕往下滚动就看到了吗？", set()),
    ("昨天升级以后手机老是死机", set()),
    ("我点进去死活打不开这个链接", set()),
    ("店里那块草地的照片能发给我吗", set()),
    ("我帮我妈妈办的，卡是她的名字", set()),
    ("他妈妈今年七十岁，不会用手机银行", set()),
    ("这是他妈的身份证，我一起带来了", set()),
    ("请问你妈的卡需要本人来办吗，我妈也是", set()),
    ("广播体操你们单位还做不做", set()),
    ("利息是不是利滚利的", set()),
    ("李先生气费怎么交，我不在家", set()),
    ("我想给灾区做爱心捐款", set()),
    ("前面路口交警让我拿保单", set()),
    ("进口交易的手续费是多少", set()),
    ("复杂种类的基金我不太懂", set()),
    ("孩子的视神经病变能不能报销", set()),
    ("今日你妈妈来柜台就可以激活", set()),
    ("双十一跳楼价的那个套餐还有吗", set()),
    ("我有点没听清，麻烦再说一遍", set()),
    ("医生说他智障，可以办残疾补贴吗", set()),
    ("我操心的是孩子的学费什么时候扣", set()),
    ("人工智能那个理财产品收益多少", set()),
    ("我是一名工人工资卡丢了", set()),
    ("现在信号不太好了，我换个地方", set()),
    ("麻烦转告你们经理一声，材料我寄了", set()),
    ("还没有了解清楚，先等等", set()),
    ("请问您还有没有其他问题？", set()),
    ("家里的烟雾报警器响了怎么关", set()),
    ("想死我了，你们家的烤鸭什么时候有货", set()),
    ("那个系统说请按1，我按了没反应", set()),
    ("我被人骗了钱，转给了一个陌生账户", set()),
    ("把卡号滚瓜烂熟背下来了", set()),
    ("我要告诉你们一个好消息", set()),
    ("我傻傻地等了一下午，是我自己记错时间", set()),
    ("打断你一下，这个费用是每个月都有吗", set()),
    ("退烧了你再带孩子来打疫苗吧", set()),
    # Abuse, from mild to strong, and the usual ways to write around a word list.
    ("你是不是傻", {ABUSE}),
    ("你个废物，换人来", {ABUSE}),
    ("傻逼客服", {ABUSE}),
    ("你们全是煞笔", {ABUSE}),
    ("傻 逼", {ABUSE}),
    ("傻*逼玩意", {ABUSE}),
    ("大傻Ｂ", {ABUSE}),
    ("操你妈的", {ABUSE}),
    ("草泥马", {ABUSE}),
    ("你他妈给我滚", {ABUSE, AGITATION}),
    ("去死吧你", {ABUSE}),
    ("你媽的，騙子公司", {ABUSE, AGITATION}),
    ("nmsl", {ABUSE}),
    ("王八蛋，还我钱", {ABUSE}),
    ("你脑子进水了吧", {ABUSE}),
    ("不要脸的东西", {ABUSE}),
    # Anger at the matter is not abuse.
    ("他妈的，又扣我钱", {AGITATION}),
    ("真他妈烦人，第三次打了", {AGITATION}),
    ("我都打了多少次了，气死我了", {AGITATION}),
    ("你们这是什么态度", {AGITATION}),
    ("踢皮球踢了一个月，受够了", {AGITATION}),
    # Threat, harassment, danger to oneself.
    ("你给我等着，我弄死你", {THREAT}),
    ("我知道你住哪，下班小心点", {THREAT}),
    ("再不退钱我就一把火烧了你们营业厅", {THREAT}),
    ("小妹声音好骚啊，穿什么颜色的内裤", {HARASSMENT}),
    ("出来跟我开房", {HARASSMENT}),
    ("钱没了我不想活了", {SELF_HARM}),
    ("再这样我就从你们楼上跳楼", {SELF_HARM}),
    # Sensitive, person, robocall, the end of a call.
    ("我要投诉你们", {SENSITIVE}),
    ("不给说法我就打12378找银保监", {SENSITIVE}),
    ("我让律师跟你们谈，再找媒体曝光", {SENSITIVE}),
    ("轉人工", {PERSON}),
    ("不要机器人，叫你们经理接电话", {PERSON}),
    ("人工 人工 人工", {PERSON}),
    ("您有一份国际快递即将退回，如有疑问请按九", {ROBOCALL}),
    ("恭喜您被抽中为幸运用户，退订回T", {ROBOCALL}),
    ("问题解决了，非常感谢", {SATISFIED}),
    ("你态度真好，给你好评", {SATISFIED}),
    ("我不太满意", set()),
    ("没有别的问题了", {NO_NEEDS}),
    ("好的没事了，就这样吧", {NO_NEEDS}),
    ("没有其他问题就是还有一个事想问", set()),
)

ENGLISH: Final[tuple[tuple[str, set[str]], ...]] = (
    # Ordinary calls with dangerous-looking words.
    ("How do I kill the process that is stuck on my computer?", set()),
    ("It won't kill you to wait, my mother always says.", set()),
    ("I had to shut up shop last year, so please close the account.", set()),
    ("He'll call back, and she'll pay then.", set()),
    ("My assistant passed the class assessment.", set()),
    ("I live in Scunthorpe, near Essex.", set()),
    ("Could you shoot you an email to my office, I mean shoot me one?", set()),
    ("The bank on Court Road is closed.", set()),
    ("My name is Sue, and my husband is Dick.", set()),
    ("I'm such an idiot, I forgot my PIN again.", set()),
    ("The voltage regulator of my car is under warranty.", set()),
    ("The menu told me to press 1 to continue and nothing happened.", set()),
    ("I bend over backwards to pay on time.", set()),
    ("A pussy cat walked over the keyboard.", set()),
    ("Is that all you need from me?", set()),
    ("Nothing else works, I tried the app too.", set()),
    ("You haven't been very helpful so far.", set()),
    ("I would be very happy if you could check it.", set()),
    ("Hi, I am good, thank you, how are you?", set()),
    ("My social security number changed, can you update it?", set()),
    ("Can I extend the warranty of my vehicle with you?", set()),
    ("She manages the store and knows the manager of the branch.", set()),
    ("The battery died and the phone is dead.", set()),
    ("I shot a video of the broken meter.", set()),
    # Abuse.
    ("You are an IDIOT", {ABUSE}),
    ("Fuck off, you moron!", {ABUSE, AGITATION}),
    ("FUCK  YOU", {ABUSE, AGITATION}),
    ("ｆｕｃｋ ｙｏｕ", {ABUSE, AGITATION}),
    ("shut\u200b up", {ABUSE}),
    ("what a bunch of assholes", {ABUSE}),
    # Anger at the matter is not abuse.
    ("This is fucking ridiculous, I have waited two hours.", {AGITATION}),
    ("I’m sick of this, what a waste of time", {AGITATION}),
    ("Damn, I lost my card.", {AGITATION}),
    # Threat, harassment, danger to oneself.
    ("I know where you live and I will kill you.", {THREAT}),
    ("I'm going to burn your house down", {THREAT}),
    ("What are you wearing, you sound sexy", {HARASSMENT}),
    ("I can't pay this, I want to kill myself.", {SELF_HARM}),
    # Sensitive, person, robocall, the end of a call.
    ("I want to file a complaint with the ombudsman.", {SENSITIVE}),
    ("My lawyer's going to sue you.", {SENSITIVE}),
    ("I will tell the newspapers", {SENSITIVE}),
    ("Let me speak to a human being, please.", {PERSON}),
    ("real person", {PERSON}),
    ("I want to talk to your manager", {PERSON}),
    ("We've been trying to reach you about your car's extended warranty.", {ROBOCALL}),
    ("This is an automated message from your energy company, press one now", {ROBOCALL}),
    ("Thank you so much, you have been very helpful!", {SATISFIED}),
    ("That's all, thanks. Bye.", {NO_NEEDS}),
    ("No, that's it, thank you.", {NO_NEEDS}),
    # Both languages in one sentence.
    ("我要 complaint，找你们 manager", {SENSITIVE}),
    ("你这个 idiot 客服", {ABUSE}),
)
