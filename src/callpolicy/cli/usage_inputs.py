"""What is told in Chinese of files, folders, facts and instants that a command is given, and of its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    # files and folders
    "{file} is not there": "{file} 不存在",
    "{file} is a folder; name a file": "{file} 是文件夹；请写明文件",
    "{file} is empty": "{file} 是空的",
    "{file} is binary, not a table or lines of JSON": "{file} 是二进制文件，不是表格，也不是逐行的 JSON",
    "{file} is larger than {most:n} KiB": "{file} 超过 {most} KiB",
    "{file} cannot be read: {why:part}": "{file} 无法读取：{why}",
    "{file} cannot be written: {why:part}; nothing was left half written": (
        "{file} 无法写入：{why}；没有留下写了一半的文件"
    ),
    "{folder} is a file, not the folder of a norm; name the folder that holds {file}": (
        "{folder} 是文件，不是规范的文件夹；请写明 {file} 所在的文件夹"
    ),
    "{folder} is not there; name the folder that holds {file}": "{folder} 不存在；请写明 {file} 所在的文件夹",
    "{why:part}: {file}": "{why}：{file}",
    "standard output cannot be written: {why:part}": "无法写到标准输出：{why}",
    "standard input cannot be read: {why:part}": "无法读取标准输入：{why}",
    # instants and facts
    "{text} is not an instant; write it as {example}, with a zone": "{text} 不是时间；写法如 {example}，须带时区",
    "{text} is not a fact; write {form}, for example {example}": "{text} 不是事实；请写成 {form}，如 {example}",
    "there is no fact {name}{near:near}": "没有事实 {name}{near}",
    "{fact} takes {wanted:part}, not {text}": "{fact} 须为{wanted}，而不是 {text}",
    "{file} is not UTF-8 text": "{file} 不是 UTF-8 文字",
    "standard input is not UTF-8 text": "标准输入不是 UTF-8 文字",
    "{file} is not JSON": "{file} 不是 JSON",
    "standard input is not JSON": "标准输入不是 JSON",
    "{file} is not JSON, at line {line:n} column {column:n}": "{file} 不是 JSON，见第 {line} 行第 {column} 列",
    "standard input is not JSON, at line {line:n} column {column:n}": (
        "标准输入不是 JSON，见第 {line} 行第 {column} 列"
    ),
    "{file} must hold one JSON object: fact name to value": "{file} 须为一个 JSON 对象：事实名称对应值",
    "standard input must hold one JSON object: fact name to value": "标准输入须为一个 JSON 对象：事实名称对应值",
    "there is no scenario {name}{near:near}": "没有场景 {name}{near}",
    # how a command ended
    "interrupted": "已中断",
    "this is a bug of callpolicy, not of your input: {kind:word}": "这是 callpolicy 的缺陷，不是输入的问题：{kind}",
    "this is a bug of callpolicy, not of your input: {kind:word}; run it again with {option} for the traceback": (
        "这是 callpolicy 的缺陷，不是输入的问题：{kind}；加 {option} 再运行一次，可得到调用栈"
    ),
}

PARTS: Final[Mapping[str, str]] = {
    # Source: POSIX.1-2017, errno.h, as the C library of Linux says them.
    "operation not permitted": "不允许这样操作",
    "no such file or directory": "文件或文件夹不存在",
    "input/output error": "读写出错",
    "permission denied": "没有权限",
    "device or resource busy": "设备或资源正忙",
    "file exists": "文件已存在",
    "invalid cross-device link": "不在同一设备上",
    "not a directory": "不是文件夹",
    "is a directory": "是文件夹",
    "invalid argument": "参数无效",
    "too many open files": "打开的文件太多",
    "too many open files in system": "系统打开的文件太多",
    "text file busy": "文件正被使用",
    "file too large": "文件太大",
    "no space left on device": "磁盘已满",
    "read-only file system": "文件系统只读",
    "file name too long": "文件名太长",
    "too many levels of symbolic links": "符号链接层数太多",
    "disk quota exceeded": "超出磁盘配额",
    "cannot allocate memory": "内存不足",
    "stale file handle": "文件已失效",
    "bad file descriptor": "文件已关闭",
    "unknown cause": "原因不明",
    "no reason given": "原因不明",
    "it fails": "原因不明",
    # what a fact takes
    "`true` or `false`": " `true` 或 `false`",
    "a whole number": "整数",
    "a number": "数字",
    "a duration such as {example} or {other}": "时长，如 {example} 或 {other}",
    "an instant such as {example}": "时间，如 {example}",
    "one of {values:list}": "下列之一：{values}",
}
