"""What is told in Chinese of a store: one that is gone, locked, full, damaged, or of another version or secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "the store {name} {fault:part}": "存储 {name} {fault}",
    "the store {name} {fault:part}; look whether the server runs, and at host, port, database, user and password of "
    "`--store`": "存储 {name} {fault}；请查看服务器是否在运行，并核对 `--store` 中的主机、端口、数据库、用户和密码",
    "the store holds a {kind:part} that was changed, or that another secret has sealed": (
        "存储中有一项{kind}被改动，或是用另一个密钥封存的"
    ),
    "the secret of the store, {file}, cannot be read or written: {why:part}; name another file by {variable}": (
        "存储的密钥文件 {file} 无法读取或写入：{why}；可用 {variable} 指定另一个文件"
    ),
    "the secret of the store, {file}, is shorter than {least:n} bytes": "存储的密钥文件 {file} 不足 {least} 字节",
    # what was typed
    "this is no URL of a store": "这不是存储的 URL",
    "this is no URL of a store; write {file} or {server}": "这不是存储的 URL；写法如 {file} 或 {server}",
    "{scheme} names no file; write {example}, or leave the store out for memory": (
        "{scheme} 没有写明文件；写法如 {example}；不写则只保存在内存中"
    ),
    "a store in a file has three slashes, four for an absolute path, and no settings behind a {mark}": (
        "用文件的存储写三条斜线，绝对路径写四条，后面不带 {mark} 设置"
    ),
    "{what:part} needs the extra {extra}: pip install 'callpolicy[{package:word}]'": (
        "{what}需要附加组件 {extra}：`pip install 'callpolicy[{package}]'`"
    ),
    # retention
    "`--at` lies in the future, and more would be erased than the norm lets; see {option}": (
        "`--at` 晚于现在，会清除规范还不许清除的内容；见 {option}"
    ),
    "`--force` goes on record with who said so; name yourself with {option}": (
        "`--force` 会连同决定者一并记入审计；请用 {option} 写明本人"
    ),
    "nothing is erased: {at} lies more than {days:n} days after the newest audit record, {newest}; "
    "set the clock right, or go on with {option} if it is right": (
        "没有清除任何内容：{at} 比最新的审计记录 {newest} 晚 {days} 天以上；请校准时钟，如时间无误可用 {option} 继续"
    ),
    "no norm is on record in this store; name the one whose retention holds with {option}": (
        "存储中没有规范的记录；请用 {option} 写明按哪份规范的保存期限"
    ),
}

PARTS: Final[Mapping[str, str]] = {
    "the store {scheme}": "存储 {scheme} ",
    "entry": "名单条目",
    "block": "屏蔽",
    "case": "个案",
    # whether there is one
    "is not there, or {what:part}": "不存在，或{what}",
    "holds no store; run {command}": "里面没有存储；请运行 {command}",
    "cannot be opened: {why:part}": "无法打开：{why}",
    "cannot be opened: it is not there, not for this user, or on a disk that may only be read": (
        "无法打开：不存在、此用户无权使用，或在只读的磁盘上"
    ),
    "is a database of something else": "是其他程序的数据库",
    "was moved or deleted; put it back, or start anew": "已被移走或删除；请放回原处，或重新建立",
    "was replaced while it was in use; it is opened again": "在使用中被替换；将重新打开",
    "was replaced while it was in use; stop what uses it and remove {file}": (
        "在使用中被替换；请停止使用它的程序，并删除 {file}"
    ),
    "is gone": "已断开",
    "is gone: no connection, or no answer": "已断开：无法连接，或没有应答",
    "did not answer a moment ago, and is not asked again yet": "刚才没有应答，暂不再试",
    "has no connection to spare": "没有空闲的连接",
    # versions
    "is of schema {found}, this version needs {needed}; run {command}": (
        "的表结构为 {found}，此版本需要 {needed}；请运行 {command}"
    ),
    "is of schema {found}, which this version does not know; install a newer callpolicy": (
        "的表结构为 {found}，此版本不认识；请安装更新的 callpolicy"
    ),
    "needs SQLite 3.38 or newer, not {version:word}": "需要 SQLite 3.38 或更新的版本，而不是 {version}",
    "is older than PostgreSQL 15": "的版本早于 PostgreSQL 15",
    "lacks a table; restore it from a backup": "缺少数据表；请从备份恢复",
    "is not encoded in UTF8; create it with ENCODING 'UTF8' and TEMPLATE template0": (
        "的编码不是 UTF8；请用 ENCODING 'UTF8' 和 TEMPLATE template0 建立数据库"
    ),
    # secrets
    "does not say which secret it was written with; restore it from a backup": ("没有写明用的是哪个密钥；请从备份恢复"),
    "was written with a secret that is not in {file}; put it back, or name its file by {variable}": (
        "写入时所用的密钥不在 {file} 中；请放回原处，或用 {variable} 写明密钥文件"
    ),
    "was written with another secret; give the one it was made with, or name its file by {variable}": (
        "是用另一个密钥写入的；请用建立时的密钥，或用 {variable} 写明密钥文件"
    ),
    "was replaced by one that was written with another secret": "被替换成用另一个密钥写入的存储",
    # what a database says
    "is locked by another process": "被另一个进程锁定",
    "has no room left: the disk is full": "没有空间：磁盘已满",
    "has no room left: disk, memory or connections are used up": "没有余量：磁盘、内存或连接已用尽",
    "lets no more connections in": "不再接受新的连接",
    "cannot be read or written: the disk fails or is full": "无法读取或写入：磁盘故障或已满",
    "cannot read or write its files": "无法读取或写入自己的文件",
    "is damaged; restore it from a backup": "已损坏；请从备份恢复",
    "is damaged, or no database of SQLite": "已损坏，或不是 SQLite 数据库",
    "may not be written by this user": "此用户无权写入",
    "may not be written: it is a standby, or read-only": "不能写入：是备用库，或只读",
    "may not be used by this user": "此用户无权使用",
    "may not be used, or not be written, by this user": "此用户无权使用或写入",
    "does not let this user in": "不允许此用户登录",
    "has no such database": "没有这个数据库",
    "had to give way to another process too often": "屡次被其他进程抢先",
    "is being stopped": "正在停止",
    "was too slow to answer": "应答太慢",
    "failed with {code}": "出错，代码 {code}",
}
