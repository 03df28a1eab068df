# SPDX-License-Identifier: GPL-2.0-only
#
# A commit for each driver that was converted, in a tree that is git's.

import os
import re
import subprocess
import sys
import textwrap

BODY = """\
The driver keeps its own list of memory in a scatterlist, which takes 32 bytes for each
entry, and has the device's addresses in the same array.  Keep a physical-range list
instead, and its mapping beside it.  The device may be given fewer and longer ranges.

All users of the list are converted at once, by

"""
PAGES = """\
Whoever imports an exported object gets a scatterlist of its pages, made anew for each
device.  List them once, in a physical-range list that all of them map.

This is done by

"""


def git(top, *words, **more):
    return subprocess.run(["git", "-C", top, *words], text=True, stdout=subprocess.PIPE,
                          check=True, **more).stdout


def check(top):
    """Nobody's own work may get into the commits."""
    try:
        inside = git(top, "rev-parse", "--show-toplevel", stderr=subprocess.DEVNULL).strip()
    except subprocess.CalledProcessError:
        inside = ""
    if os.path.realpath(inside or "/") != os.path.realpath(top):
        sys.exit("overlay: --commits needs a tree that is a git repository")
    if git(top, "diff", "--cached", "--name-only"):
        sys.exit("overlay: --commits: the index has changes of yours: commit or reset them")


def clean(top, names):
    return not git(top, "status", "--porcelain", "--", *names)


def prefix(top, name):
    """What others put before the subject, else the folder."""
    for subject in git(top, "log", "-20", "--format=%s", "--", name).split("\n"):
        found = re.match(r"^((?:[\w./-]+: )+)\S", subject)
        if found:
            return found[1]
    return os.path.dirname(name).removeprefix("drivers/") + ": "


def command(options, group):
    words = ["spatch", "--in-place", "-D", "patch", *options, "--cocci-file",
             "scripts/coccinelle/sg_to_phyr.cocci", *group]
    return textwrap.indent(" \\\n  ".join(textwrap.wrap(
        " ".join(words), 64, break_long_words=False, break_on_hyphens=False)), "  ")


def commit(top, names, group, options, pages=False):
    """With the pages of exported objects only, or with all that a group has."""
    what = "list exported pages once" if pages else "keep memory in a physical-range list"
    message = prefix(top, group[-1]) + what + "\n\n" + (PAGES if pages else BODY) + \
        command(options, group) + "\n"
    git(top, "commit", "-q", "-F", "-", "--only", "--", *names, input=message)
