# SPDX-License-Identifier: GPL-2.0-only
#
# Which files of a kernel tree have to be converted together: those that use a list
# or table which a header of theirs declares, in a struct or as a parameter.

import os
import re
import subprocess
import sys

PLACES = ("drivers", "sound", "net", "samples")
ANYWHERE = ("arch", "block", "crypto", "drivers", "fs", "include", "io_uring", "kernel", "lib",
            "mm", "net", "rust", "samples", "security", "sound", "virt")
# How many files have what is theirs, although they are in several folders.
FEW = 4
LIST = r"\bstruct (scatterlist|sg_table)\b"
USE = LIST + r"|\b(dma_(un)?map_sg(table)?|sg_alloc_table\w*|drm_prime_pages_to_sg)\("
MEMBER_END = r"\s*\**\s*\w+\s*(\[[^]]*\]\s*)*;"
MEMBER = re.compile(LIST + r"\s*\**\s*(\w+)\s*(?:\[[^\]]*\]\s*)*;")
FUNCTION = re.compile(r"\b(\w+)\s*\([^(){};]*" + LIST + r"[^{};]*\)\s*;|" +
                      LIST + r"\s*\*+\s*(\w+)\s*\(")
OPERATION = re.compile(r"\(\*\s*\w+\)\s*\([^(){};]*" + LIST)
STRUCT = re.compile(r"^(?:\w+ )*?(?:struct|union)\b[^;{}()]*\{.*?^\}", re.M | re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


class Tree:
    """Files by their names in the tree; who reads one twice has it kept."""

    def __init__(self, read):
        self.read_file = read
        self.kept = {}

    def text(self, name):
        if name not in self.kept:
            self.kept[name] = COMMENT.sub("", self.read_file(name))
        return self.kept[name]


def users(places, *tops):
    """All files in places that have lists in them, in any of some trees."""
    found = set()
    for top in tops:
        there = [p for p in places if os.path.isdir(os.path.join(top, p))]
        if there:
            found |= set(grep(top, "-rlE", USE, *there))
    return sorted(f for f in found if not f.startswith("samples/phyr/"))


def grep(top, how, pattern, *places):
    return subprocess.run(["grep", how, "--include=*.[ch]", pattern, *places], cwd=top,
                          text=True, stdout=subprocess.PIPE, check=False).stdout.split("\n")[:-1]


def private(tree, *tops):
    """Headers in include/ whose structs with lists, or with operations that take any, are
    used in one folder only, or by few files, with their folders.  All others are an
    API's, which no driver's conversion changes."""
    structs, top = {}, tops[0]
    headers = {h for t in tops if os.path.isdir(os.path.join(t, "include"))
               for h in grep(t, "-rlE", LIST + "(" + MEMBER_END + r"|\s*\*+\s*\w+\s*[,)])",
                             "include")}
    for name in headers:
        for struct in structs_of(tree.text(name)):
            structs.setdefault(struct, set()).add(name)
    users = {struct: set() for struct in structs}
    pattern = r"\bstruct (%s)\b" % "|".join(structs)
    for line in grep(top, "-roE", pattern, *ANYWHERE) if structs else ():
        name, struct = re.match(r"(\S+?):struct (\w+)", line).groups()
        if name not in structs[struct]:
            users[struct].add(name)
    found = {}
    for struct, names in structs.items():
        for name in names:
            found.setdefault(name, set()).update(users[struct])
    folders = {name: {folder(f) for f in files} for name, files in found.items()}
    return {name: sorted(f) for name, f in folders.items()
            if all(place.startswith(PLACES) for place in f) and
            (len(f) == 1 or len(f) > 1 and len(found[name]) <= FEW)}


def folder(name):
    """Of all that may be one driver's."""
    return "/".join(os.path.dirname(name).split("/")[:3])


def structs_of(text):
    """The structs that lists are members of, or parameters of operations."""
    for place in (*MEMBER.finditer(text), *OPERATION.finditer(text)):
        yield from struct_at(text, place.start())


def struct_members(text):
    """The lists that are members of a struct, with its name."""
    for member in MEMBER.finditer(text):
        for struct in struct_at(text, member.start()):
            yield struct, member[2]


def struct_at(text, place):
    """The name of the struct that a place is in, or nothing."""
    return re.findall(r"^(?:typedef )?struct (\w+)[^;{}]*\{", text[:place], re.M)[-1:]


def members(text):
    """Of all structs of a file, and not what functions have by that name."""
    return {m[2] for s in STRUCT.finditer(text) for m in MEMBER.finditer(s[0])}


def declares(text):
    """The names of members and functions by which others get at lists of a file."""
    return members(text) | {m[1] or m[4] for m in FUNCTION.finditer(text)}


def word(name, text):
    return re.search(r"\b%s\b" % name, text) is not None


def reached(member, text):
    return re.search(r"(->|\.)\s*%s\b" % member, text) is not None


def asked(struct, member, text):
    """Is a variable, or parameter, that is declared as the struct followed by the member?"""
    names = set(re.findall(r"\bstruct %s\b\s*\**\s*(\w+)" % struct, text))
    return bool(names) and re.search(
        r"\b(%s)\s*(->|\.)\s*%s\b" % ("|".join(names), member), text) is not None


def beside(tops, headers, folders):
    """Files near headers that may use what those declare, without a list's type.  One
    that was converted may not do so any more."""
    found = set()
    for header, names in headers.items():
        near = folders.get(header) or [os.path.dirname(header)]
        for top in tops:
            there = [n for n in near if os.path.isdir(os.path.join(top, n))]
            if there:
                found.update(f for f in grep(top, "-rlwE", "|".join(sorted(names)), *there)
                             if f.endswith(".c"))
    return found


class Groups:
    """Those of all drivers, or with places of the drivers in these."""

    def __init__(self, top, tree, places=PLACES):
        tops = top, os.path.join(top, ".phyr-convert/original")
        files = users(places, *tops)
        self.tree = tree
        self.folders = {h: f for h, f in private(tree, *tops).items()
                        if any((n + "/").startswith(p + "/") for n in f for p in places)}
        files += sorted(self.folders)
        self.names = {f: declares(tree.text(f)) for f in files if f.endswith(".h")}
        self.names = {f: names for f, names in self.names.items() if names}
        own = {f for f in files if f.endswith(".c")}
        self.sources = sorted(own | beside(tops, self.names, self.folders))
        self.own = own
        self.included = {}

    def headers(self, name, seen=None):
        """The headers with lists that a file includes, by others too."""
        if name in self.included:
            return self.included[name]
        seen = (seen or set()) | {name}
        found = set()
        for include in INCLUDE.findall(self.tree.text(name)):
            for header in self.resolve(name, include):
                if header in seen:
                    continue
                if header in self.names:
                    found.add(header)
                found |= self.headers(header, seen)
        self.included[name] = found
        return found

    def resolve(self, name, include):
        """A header beside the file, or one with lists that ends with the name."""
        beside = os.path.normpath(os.path.join(os.path.dirname(name), include))
        if self.exists(beside):
            return [beside]
        near = folder(name)
        return [h for h in self.names if h.endswith("/" + include) and
                (h.startswith(near + "/") or near in self.folders.get(h, ()))]

    def exists(self, name):
        try:
            self.tree.text(name)
        except OSError:
            return False
        return True

    def uses(self, source, header):
        """A name that is a member of the file's own structs too says nothing, unless
        a variable of the header's struct is asked for it."""
        text = self.tree.text(source)
        own = declares(text)
        inside = members(self.tree.text(header))
        return any(name not in own and (reached if name in inside else word)(name, text)
                   for name in self.names[header]) or \
            any(asked(struct, member, text)
                for struct, member in struct_members(self.tree.text(header))
                if member in own)

    def all(self):
        """Lists of files; in each, headers first."""
        leader = {}

        def find(f):
            while leader.setdefault(f, f) != f:
                f = leader[f]
            return f

        for source in self.sources:
            if source in self.own:
                find(source)
            for header in self.headers(source):
                if self.uses(source, header):
                    leader[find(source)] = find(header)
        groups = {}
        for f in leader:
            groups.setdefault(find(f), []).append(f)
        return sorted(sorted(g, key=lambda f: (f.endswith(".c"), f))
                      for g in groups.values() if any(f.endswith(".c") for f in g))


def main():
    """All files of a tree that have lists, or may use one of a header beside them."""
    top = sys.argv[1]

    def read(name):
        with open(os.path.join(top, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    found = Groups(top, Tree(read))
    print(*found.sources, *found.names, sep="\n")


if __name__ == "__main__":
    main()
