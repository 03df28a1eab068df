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


def commit(top, names, group, options):
    subject = prefix(top, group[-1]) + "keep memory in a physical-range list"
    message = subject + "\n\n" + BODY + command(options, group) + "\n"
    git(top, "commit", "-q", "-F", "-", "--only", "--", *names, input=message)
