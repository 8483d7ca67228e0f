"""Commands that cannot be done, and what is told of each in Chinese.

A line is what stands after `callpolicy`; `{url}` is the store of a centre, `{entry}` an entry of its allowlist,
`{norm}` a small norm. Files stand beside the store. The language is asked for at the end of the line, or at `{lang}`,
or where `{env}` stands by the environment.
"""

from __future__ import annotations

Cases = tuple[tuple[str, str], ...]

_PROPOSE = "block propose --as li --role team_leader --reason r --store {url}"
_LIFT = "--as wang --role quality_desk --reason r --store {url}"
_ADD = "allow add --as wang --role quality_desk --reason r --owner wang --customer C-1 --store {url}"
_IMPORT = "block import --as li --role team_leader --store {url}"

AT_THE_DESK: Cases = (
    (_PROPOSE, "写明对谁，下列四种写法选一种：`--number`、`--customer`、`--prefix` 或 `--range`"),
    (f"{_PROPOSE} --number abc", "不能确定写的是谁：是文字，不是号码；查明所指的号码（代码 words）"),
    (
        f'{_PROPOSE} --range "+86 138 0013 8000" "+1 212 555 0100"',
        "`--range` 须写同一国家、位数相同的两个号码，小的在前",
    ),
    (
        f'{_PROPOSE} --range "+86 138 0013 8009" "+86 138 0013 8000"',
        "`--range` 的两个号码须小的在前；请对调",
    ),
    (f'{_PROPOSE} --range "+86 138 0013 8009" ""', "`--range` 没有写明是谁；请在后面写完整号码（代码 blank）"),
    (f'{_PROPOSE} --number ""', "`--number` 没有写明是谁；请在后面写完整号码（代码 blank）"),
    (f'{_PROPOSE} --prefix ""', "`--prefix` 没有写明是谁；请在后面写完整号码（代码 blank）"),
    (f'{_PROPOSE} --customer " "', "`--customer` 没有写明是谁；请在后面写客户号（代码 blank）"),
    (f"{_PROPOSE} --number anonymous", "`--number` 写的是隐藏号码，不对应任何人；请写明其他来电人（代码 withheld）"),
    (
        f"{_PROPOSE} --prefix +99912345678",
        "不能确定写的是谁：号段开头不是已启用的国家代码；核对 `+` 后面的数字（代码 unknown-country）",
    ),
    (f"{_PROPOSE} --customer C-1 --as system", "`system` 是系统自己的名称；人员须用别的编号"),
    (f'{_PROPOSE} --customer C-1 --as " li"', "人员的编号须为一行文字，1 至 200 字，前后没有空格"),
    (f'{_PROPOSE} --customer C-1 --evidence " c1#0" --evidence-at 2026-03-02T00:00:00Z',
     "决定的编号须为一行文字，1 至 200 字，前后没有空格"),
    (f"{_PROPOSE} --customer C-1 --at 2999-01-01T00:00:00Z", "`--at` 晚于现在；尚未发生的操作不能登记"),
    (f"{_PROPOSE} --customer C-1 --at soon", "`--at`：`soon` 不是带时区的时间；写法如 `2027-01-31T10:00:00+08:00`"),
    (
        f"{_PROPOSE} --customer C-1 --term soon",
        "`--term` 须为 `day`、`week`、`month`、`permanent` 或如 `12h` 的时长，而不是 `soon`",
    ),
    (f"{_PROPOSE} --customer C-1 --evidence c1", "`c1` 是通话，不是决定；它的最后一个决定是 `c1#0`"),
    (
        f"{_PROPOSE} --customer C-1 --evidence c9#0",
        "此处没有决定 `c9#0` 的记录，没有记录的不能作为依据；若由其他系统记录，用 `--evidence-at` 写明作出时间",
    ),
    (f"{_PROPOSE} --number +12125550100 --rules nowhere", "`nowhere` 不存在；请写明 `policy.yaml` 所在的文件夹"),
    (f"block review b-1 {_LIFT}", "写明如何处理，只选一项：`--keep`、`--lift`、`--shorten`、`--extend`"),
    (f"block lift b-1 {_LIFT}", "没有这个编号的屏蔽；见 `callpolicy block list`"),
    (f"block lift b-1 {_LIFT} --reason a\x07b", "原因须为文字，不能含控制字符"),
    ("block show {entry} --store {url}", "没有这个编号的屏蔽；见 `callpolicy allow show`"),
    ("block show b-1 --store {url}", "没有这个编号的屏蔽；见 `callpolicy block list`"),
    ("allow show a-1 --store {url}", "没有这个编号的白名单条目；见 `callpolicy allow list`"),
    (f"allow end a-1 {_LIFT}", "没有这个编号的白名单条目；见 `callpolicy allow list`"),
    (f"{_ADD} --for 1d --until 2027-01-01", "写明到何时为止，或持续多久：`--until` 和 `--for` 只写一个"),
    (f"{_ADD} --for soon", "`--for`：不是时长；写法如 `2s`、`30m`、`24h`、`30d` 或 `1h30m`"),
    (f"{_ADD} --until soon", "`--until` 须为如 `2027-01-01` 的日期，或带时区的时间，而不是 `soon`"),
    (f"{_ADD} --for 1d --customer C-2001 --owner C-2001", "`allow` 可公开的部分中有个人信息；没有写入记录"),
    (f"{_ADD} --for 1d --owner 13800138000", "`--owner` 看起来是电话号码，而它会以明文显示；请写姓名或工号"),
    (f"{_ADD} --for 1d --as 13800138000", "`--as` 看起来是电话号码，而它会以明文显示；请写姓名或工号"),
    ("case show K-9 --store {url}", "没有这个个案；见 `callpolicy case list`"),
    ("case result K-9 --text x --as wang --store {url}", "没有这个个案；见 `callpolicy case list`"),
    ("case result K-9 --text \udcff --as wang --store {url}", "`--text` 不是 UTF-8 文字"),
    (
        "case list --since soon --store {url}",
        "`--since` 须为如 `2026-03-02T09:00:00+08:00` 的时间，或如 `7d` 的时长（多久以前），而不是 `soon`",
    ),
    ("card K-9 --store {url}", "没有这个个案；见 `callpolicy case list`"),
    ("card K-9 --caller abc --store {url}", "`--caller` 须为电话号码，带国家代码，或按本地拨号的写法"),
)  # fmt: skip

OF_FILES: Cases = (
    (f"{_IMPORT} none.csv", "`none.csv` 不存在"),
    (f"{_IMPORT} sub", "`sub` 是文件夹；请写明其中的文件"),
    (f"{_IMPORT} empty.csv", "`empty.csv` 是空的，连表头也没有；普通名单每行一个号码"),
    (
        f"{_IMPORT} book.xlsx",
        "`book.xlsx` 不是文本，而是 zip 压缩包（Excel 工作簿 .xlsx 即是）；请把工作表另存为 `CSV UTF-8`，再用那个文件",
    ),
    (f"{_IMPORT} noise.bin", "`noise.bin` 不是文本文件；请用普通名单或 CSV 表格"),
    (f"{_IMPORT} comments.txt", "`comments.txt` 只有注释和空行；没有可读的内容"),
    (f"{_IMPORT} header.csv", "`header.csv` 只有表头，下面没有任何行；没有可读的内容"),
    (
        f"{_IMPORT} nameless.csv",
        "`nameless.csv`：这像是没有列名的表格；请在最上面写一行 `number,reason,…`，或指定格式 `plain`",
    ),
    (
        f"{_IMPORT} prose.txt",
        "`prose.txt`：看不出这是哪一种名单：前 2 行中有 0 行以号码开头；"
        "请指定格式 `plain`、`csv` 或 `ftc`，或把号码一列命名为 `number`",
    ),
    (
        f"{_IMPORT} notes.csv --format csv",
        "`notes.csv`:1：没有号码列；读到的列：`who`、`why`；可识别的列名有 `number`、`phone`、`telephone`、`caller`、"
        "`号码`、`电话`、`手机号`、`主叫号码`；请改号码列的列名",
    ),
    (
        f"{_IMPORT} strange.csv",
        "`strange.csv`:1：没有号码列；读到的列：`foo`、`bar`；可识别的列名有 `number`、`phone`、`telephone`、`caller`、"
        "`号码`、`电话`、`手机号`、`主叫号码`；请改号码列的列名，或指定格式 `plain`",
    ),
    (f"{_IMPORT} twice.csv", "`twice.csv`:1：`number`、`phone` 都可能是号码；只把其中一列命名为 `number`"),
    (f"{_IMPORT} again.csv", "`again.csv`:1：有多个名为 `reason` 的列；只保留一个，其余改名"),
    ("audit verify --trail none.jsonl", "`none.jsonl` 不存在"),
    ("audit verify --trail sub", "`sub` 是文件夹；请写明文件"),
    ("audit verify --trail empty.csv", "`empty.csv` 是空的"),
    ("audit verify --trail zeros.bin", "`zeros.bin` 是二进制文件，不是表格，也不是逐行的 JSON"),
    ("audit export sub --store {url}", "`sub` 是文件夹；请写明文件"),
    (
        "audit export none/trail.jsonl --store {url}",
        "`none/trail.jsonl` 无法写入：文件或文件夹不存在；没有留下写了一半的文件",
    ),
    ("block list --rules x.json --store {url}", "`x.json` 是文件，不是规范的文件夹；请写明 `policy.yaml` 所在的文件夹"),
)

OF_THE_TRAIL: Cases = (
    ("audit verify --closed --store {url}", "`--closed` 表示链末端之后没有再写入；请用 `--head` 写明链末端"),
    (
        "audit verify --head x.json --store {url}",
        "`--head` `x.json`：其中没有审计链末端；可用 `callpolicy audit head --out FILE` 写出",
    ),
    ("audit verify --store sqlite:///fresh.db", "没有审计记录，未作核验"),
    ("audit remake --store {url}", "写明一个决定，或用 `--all`"),
    ("audit remake c1#0 --all --store {url}", "写明一个决定，或用 `--all`，两者只用其一"),
    (
        "audit remake c1#0 --seed 1 --store {url}",
        "`--since`、`--until`、`--sample` 和 `--seed` 须与 `--all` 同用",
    ),
    (
        "audit remake --all --since soon --store {url}",
        "`soon` 不是时间；写法如 `2026-03-02T09:00:00+08:00`，须带时区",
    ),
    (
        "audit remake --all --since 2026-03-02T00:00:00Z --until 2026-03-01T00:00:00Z --store {url}",
        "`--since` 须早于 `--until`",
    ),
    ("audit remake --all --since 2031-01-01T00:00:00Z --store {url}", "这段时间没有决定的记录，未作重做"),
    ("audit remake {entry} --store {url}", "`{entry}` 的记录不是决定；只有决定可以重做"),
    ("audit remake c9#0 --store {url}", "没有 `c9#0` 的审计记录"),
    ("audit show 13800138000 --store {url}", "没有 `***********` 的审计记录"),
    ("audit show c9#0 --store {url}", "没有 `c9#0` 的审计记录"),
    ("audit show c1#0 --clear --store {url}", "当时的规范没有声明可明示的事实（`privacy.clear`），不再显示更多"),
)

OF_STORES: Cases = (
    (
        "store stats --store sqlite:///none.db",
        "存储 `sqlite:///none.db` 不存在，或里面没有存储；请运行 `callpolicy store init sqlite:///none.db`",
    ),
    ("store init sqlite:///none/x.db", "存储 `sqlite:///none/x.db` 无法打开：文件或文件夹不存在"),
    ("store stats --store sqlite:///junk.db", "存储 `sqlite:///junk.db` 已损坏，或不是 SQLite 数据库"),
    ("store stats --store mysql://x", "这不是存储的 URL；写法如 `sqlite:///file.db` 或 `postgresql+psycopg://…`"),
    ("store stats --store sqlite://", "`sqlite://` 没有写明文件；写法如 `sqlite:///file.db`；不写则只保存在内存中"),
    (
        "store stats --store sqlite:///x.db?mode=ro",
        "用文件的存储写三条斜线，绝对路径写四条，后面不带 `?` 设置",
    ),
    (
        "store stats --store postgresql+psycopg://u:secret@127.0.0.1:1/none?connect_timeout=2",
        "存储 `postgresql+psycopg://u:***@127.0.0.1:1/none` 已断开：无法连接，或没有应答；"
        "请查看服务器是否在运行，并核对 `--store` 中的主机、端口、数据库、用户和密码",
    ),
    (
        "store prune --at 2999-01-01T00:00:00Z --store {url}",
        "`--at` 晚于现在，会清除规范还不许清除的内容；见 `--dry-run`",
    ),
    (
        "store prune --store sqlite:///fresh.db",
        "存储中没有规范的记录；请用 `--rules DIR` 写明按哪份规范的保存期限",
    ),
)

TYPED_WRONGLY: Cases = (
    ("block lst", "没有命令 `lst`（是不是 `list`？）；见 `callpolicy block --help`"),
    ("block wat", "没有命令 `wat`；见 `callpolicy block --help`"),
    ("block list --xyzzy", "没有选项 `--xyzzy`；见 `callpolicy block list --help`"),
    ("block list --jsn", "没有选项 `--jsn`（是不是 `--json`？）；见 `callpolicy block list --help`"),
    ("block propose", "缺少选项 `--as`；见 `callpolicy block propose --help`"),
    ("allow add --as wang", "缺少选项 `--reason`；见 `callpolicy allow add --help`"),
    ("card", "缺少参数 `CASE`；见 `callpolicy card --help`"),
    ("audit export", "缺少参数 `FILE.jsonl`；见 `callpolicy audit export --help`"),
    ("store init a b c", "多出的参数：`b c`；见 `callpolicy store init --help`"),
    ("block list --json=yes", "选项 `--json` 后面不能有值；见 `callpolicy --help`"),
    ("allow add {lang} --as", "选项 `--as` 后面要有值；见 `callpolicy --help`"),
    ("block propose {lang} --range 1", "选项 `--range` 后面要有 2 个值；见 `callpolicy --help`"),
    ("block {env}", "没有写明命令；见 `callpolicy block --help`"),
    ("audit remake --sample 2000000", "`--sample` 的值不对：须小于或等于 1000000；见 `callpolicy audit remake --help`"),
    ("mutate --fail-under x", "`--fail-under` 的值不对：须为数字；见 `callpolicy mutate --help`"),
    ("block list --limit 0", "`--limit` 的值不对：须大于或等于 1；见 `callpolicy block list --help`"),
    ("case list --limit many", "`--limit` 的值不对：须为整数；见 `callpolicy case list --help`"),
    (
        "case list --status shut",
        "`--status` 的值不对：`shut` 不在可选值之内，可选 `open`、`final`、`reopened`；"
        "见 `callpolicy case list --help`",
    ),
    ("--json block list", "`--json` 写在命令之后，如 `callpolicy check --json`；见 `callpolicy --help`"),
)

AT_THE_BENCH: Cases = (
    ("decide --rules {norm}", "写明决策点：`--point offered`、`--point in_call`、`--point ended`"),
    (
        "decide --point offered --rules {norm} --fact talk.warnigs=1",
        "没有事实 `talk.warnigs`（是不是 `talk.warnings`？）",
    ),
    ("decide --point offered --rules {norm} --fact talk.warnings=x", "`talk.warnings` 须为整数，而不是 `x`"),
    ("replay other.jsonl --rules {norm}", "`other.jsonl` 中没有读到任何通话；第 1 行：missing-key"),
    (
        "replay calls.csv --rules {norm}",
        "请写明各列怎样变成事件：`--mapping` 加文件，或下列之一：`anonymous_bank`、`generic_csv`",
    ),
)
