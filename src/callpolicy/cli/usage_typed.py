"""What is told in Chinese of words that no command takes: the sentences of typer, of its click, and of pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "{fault:part}; see {help}": "{fault}；见 {help}",
}

PARTS: Final[Mapping[str, str]] = {
    "{option} goes after the command, as in {example}": "{option} 写在命令之后，如 {example}",
    # commands
    "missing command": "没有写明命令",
    "no such command {name:repr}": "没有命令 {name}",
    "no such command {name:repr}. Did you mean {near:reprs}?": "没有命令 {name}（是不是 {near}？）",
    # options and arguments
    "no such option: {option:option}": "没有选项 {option}",
    "no such option: {option:option} (Possible options: {options:names})": "没有选项 {option}（是不是 {options}？）",
    "missing option {option:repr}": "缺少选项 {option}",
    "missing argument {argument:repr}": "缺少参数 {argument}",
    "got unexpected extra argument(s) ({words:raw})": "多出的参数：{words}",
    "option {option:repr} requires an argument": "选项 {option} 后面要有值",
    "option {option:repr} requires {count:n} arguments": "选项 {option} 后面要有 {count} 个值",
    "option {option:repr} does not take a value": "选项 {option} 后面不能有值",
    # values
    "invalid value for {option:repr}: {why:part}": "{option} 的值不对：{why}",
    "{value:repr} is not one of {choices:reprs}": "{value} 不在可选值之内，可选 {choices}",
    "Input should be a valid integer, unable to parse string as an integer": "须为整数",
    "Input should be a valid number, unable to parse string as a number": "须为数字",
    "Input should be greater than or equal to {least:word}": "须大于或等于 {least}",
    "Input should be less than or equal to {most:word}": "须小于或等于 {most}",
}
