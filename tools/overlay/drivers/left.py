# SPDX-License-Identifier: GPL-2.0-only
#
# Lines about scatterlists that a conversion has left.

import re

import groups

LINE = re.compile(r"\bstruct (scatterlist|sg_table)\b|\b((ib_)?dma_(un)?map_sg\w*|"
                  r"sg_\w+|for_each_sg\w*)\s*\(")


def first(text):
    """Number and words of the first one, comments left out, or None."""
    text = groups.COMMENT.sub(lambda m: re.sub(r"[^\n]", "", m[0]), text)
    for number, line in enumerate(text.split("\n"), 1):
        if LINE.search(line) and not line.startswith("#include"):
            return number, line.strip()
    return None
