"""What is told in Chinese of a list file that cannot be read as a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "{file} is a folder; name a file in it": "{file} 是文件夹；请写明其中的文件",
    "{file} is no ordinary file, and is read twice; write it to a file first": (
        "{file} 不是普通文件，而名单要读两遍；请先存成文件"
    ),
    "{file} cannot be read: that is no name of a file": "{file} 无法读取：这不是文件名",
    "{file} is empty: there is not even a header; a plain list has one number a line": (
        "{file} 是空的，连表头也没有；普通名单每行一个号码"
    ),
    "{file} is no text but {what:part}; {hint:part}": "{file} 不是文本，而是{what}；{hint}",
    "{file} is no text file; give a plain list or a CSV table": "{file} 不是文本文件；请用普通名单或 CSV 表格",
    "{file} holds nothing but comments and blank lines; there is nothing to read": (
        "{file} 只有注释和空行；没有可读的内容"
    ),
    "{file} holds a header, but no row under it; there is nothing to read": (
        "{file} 只有表头，下面没有任何行；没有可读的内容"
    ),
    "{file}:{line:n}: the line has more than {most:n} characters; is this a list?": (
        "{file} 第 {line} 行超过 {most} 个字符；这是名单吗？"
    ),
    "{place:place}: this is no file of FTC complaints: it lacks {columns:list}; try the format {format}": (
        "{place}：这不是 FTC 投诉文件：缺少 {columns}；试用格式 {format}"
    ),
    "{place:place}: no column of numbers; columns read: {columns:list}; known names are {names:list}; "
    "rename the column of the numbers": (
        "{place}：没有号码列；读到的列：{columns}；可识别的列名有 {names}；请改号码列的列名"
    ),
    "{place:place}: no column of numbers; columns read: {columns:list}; known names are {names:list}; "
    "rename the column of the numbers, or give the format {format}": (
        "{place}：没有号码列；读到的列：{columns}；可识别的列名有 {names}；请改号码列的列名，或指定格式 {format}"
    ),
    "{place:place}: each of {columns:list} could hold the numbers; name only one of them {name}": (
        "{place}：{columns} 都可能是号码；只把其中一列命名为 {name}"
    ),
    "{place:place}: there is more than one column {column}; rename all but one": (
        "{place}：有多个名为 {column} 的列；只保留一个，其余改名"
    ),
    "{place:place}: this looks like a table whose columns have no names; "
    "write {header} above it, or give the format {format}": (
        "{place}：这像是没有列名的表格；请在最上面写一行 {header}，或指定格式 {format}"
    ),
    "{place:place}: it cannot be told what kind of list this is: {named:n} of its first {lines:n} lines begin with "
    "a number; give the format {plain}, {csv} or {ftc}, or name the column of the numbers {name}": (
        "{place}：看不出这是哪一种名单：前 {lines} 行中有 {named} 行以号码开头；"
        "请指定格式 {plain}、{csv} 或 {ftc}，或把号码一列命名为 {name}"
    ),
}

PARTS: Final[Mapping[str, str]] = {
    "a zip archive, as an Excel workbook (.xlsx) is": " zip 压缩包（Excel 工作簿 .xlsx 即是）",
    "an old Excel workbook (.xls)": "旧版 Excel 工作簿（.xls）",
    "a gzip archive": " gzip 压缩包",
    "a bzip2 archive": " bzip2 压缩包",
    "an xz archive": " xz 压缩包",
    "a 7z archive": " 7z 压缩包",
    "a PDF": " PDF",
    "a database": "数据库",
    "a picture": "图片",
    "save the sheet as {format} and give that file": "请把工作表另存为 {format}，再用那个文件",
    "unpack it first": "请先解压",
    "give the table it was made from": "请用生成它的原表格",
    "export the table as CSV": "请把数据表导出为 CSV",
}
