# SPDX-License-Identifier: GPL-2.0-only
#
# Rows of results: a row a line, of fields NAME=VALUE separated by tabs.

import json
import re
import sys

NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$")


def value(text):
    """What looks like a number is one; nothing at all is null."""
    if text in ("true", "false", "null") or NUMBER.match(text):
        return json.loads(text)
    return text or None


def fields(line):
    row = {}
    for field in line.split("\t"):
        name, equals, text = field.partition("=")
        if not equals or not name or name in row:
            raise ValueError(f"'{field}' is not another NAME=VALUE")
        row[name] = value(text)
    return row


def read(lines, where="standard input"):
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\n")
        if not line:
            continue
        try:
            yield fields(line)
        except ValueError as wrong:
            sys.exit(f"{sys.argv[0]}: {where}, line {number}: {wrong}")
