# SPDX-License-Identifier: GPL-2.0-only
#
# Has the options of drivers select what physical-range lists need.

import os
import re

TYPE = re.compile(r"^\t(bool|tristate|def_bool|def_tristate)\b")
NEEDS = ("select PHYR_DMA",)


def assigned(text):
    """Left side and files of each assignment in a Makefile, continued lines joined."""
    text = re.sub(r"\\\n", " ", text)
    return re.findall(r"^\s*([\w$()./-]+)\s*[:+]?=\s*(.*)$", text, re.M)


def symbol(read, source):
    """The option that builds a source file, by the Makefiles of its folders."""
    folder, name = os.path.split(source)
    wanted, target = name[:-2] + ".o", None
    while folder:
        text = makefile(read, folder)
        for _ in range(4):
            found = owner(assigned(text), wanted)
            if found is None:
                break
            if found.startswith("CONFIG_"):
                return found[7:], folder
            wanted = found
        target = os.path.basename(folder)
        folder = os.path.dirname(folder)
        wanted = f"{target}/{wanted}" if not wanted.endswith("/") else f"{target}/"
        if owner(assigned(makefile(read, folder)), wanted) is None:
            wanted = target + "/"
    return None, None


def makefile(read, folder):
    for name in ("Makefile", "Kbuild"):
        try:
            return read(os.path.join(folder, name))
        except OSError:
            pass
    return ""


def owner(lines, wanted):
    """What an object is part of: an option or another object."""
    # A variable of objects may be part of others, in place of an object.
    named = {f"$({wanted[:-2]}-{kind})" for kind in ("y", "m", "objs")}
    for left, right in lines:
        if not {wanted, *named} & set(right.split()):
            continue
        option = re.match(r"^(?:obj|\S+)-\$\(CONFIG_(\w+)\)$", left)
        if left.startswith("obj-") and option:
            return "CONFIG_" + option[1]
        part = re.match(r"^(.+?)-(?:y|m|objs|\$\(CONFIG_\w+\))$", left)
        if part and part[1] != "obj":
            return part[1] + ".o"
    return None


def entry(read, names, option):
    """The file that has an option, and the numbers of its lines from type to end."""
    for name in names:
        lines = read(name).split("\n")
        for at, line in enumerate(lines):
            if line in (f"config {option}", f"menuconfig {option}"):
                return name, lines, at
    return None


def select(read, kconfigs, source):
    """The name and new text of the Kconfig file for a source file, or None."""
    option, folder = symbol(read, source)
    while folder:
        names = [n for n in kconfigs if os.path.dirname(n) == folder]
        found = entry(read, names, option)
        if found:
            return added(*found)
        folder = os.path.dirname(folder)
    return None


def added(name, lines, at):
    end = at + 1
    while end < len(lines) and (lines[end].startswith(("\t", " ")) or not lines[end]):
        end += 1
    body = lines[at:end]
    for number, line in enumerate(body):
        if TYPE.match(line):
            needs = ["\t" + n for n in NEEDS if "\t" + n not in body]
            return name, "\n".join(lines[:at + number + 1] + needs + lines[at + number + 1:])
    return None
