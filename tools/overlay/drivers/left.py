# SPDX-License-Identifier: GPL-2.0-only
#
# Lines about scatterlists that a conversion has left.

import re

import groups

LINE = re.compile(r"\bstruct (scatterlist|sg_table)\b|\b((ib_)?dma_(un)?map_sg\w*|"
                  r"sg_\w+|for_each_sg\w*)\s*\(")


FUNCTION = re.compile(r"^\S[^;{}]*\)\n\{.*?^\}", re.M | re.S)


def blanked(text):
    """Without comments, each line where it was."""
    return groups.COMMENT.sub(lambda m: re.sub(r"[^\n]", "", m[0]), text)


def changed(text, old):
    """Numbers of the lines of functions that changed, and of others that did."""
    before = set(old.split("\n"))
    numbers = {n for n, line in enumerate(text.split("\n"), 1) if line not in before}
    same = {f[0] for f in FUNCTION.finditer(old)}
    for function in FUNCTION.finditer(text):
        if function[0] not in same:
            begin = text.count("\n", 0, function.start()) + 1
            numbers.update(range(begin, begin + function[0].count("\n") + 1))
    return numbers


def first(text, old=None):
    """Number and words of the first one, comments left out, or None.  Only some of a
    file's lists were converted if its old text is given: what changed has none."""
    text = blanked(text)
    numbers = changed(text, blanked(old)) if old is not None else None
    for number, line in enumerate(text.split("\n"), 1):
        if numbers is not None and number not in numbers:
            continue
        if LINE.search(line) and not line.startswith("#include"):
            return number, line.strip()
    return None
