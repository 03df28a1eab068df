# SPDX-License-Identifier: GPL-2.0-only
#
# Compiles what was converted, beside what it was before, in a copy of the tree.

import collections
import os
import re
import shutil
import subprocess
import sys

import kconfig

CROSS = {"arm64": "aarch64-linux-gnu-", "arm": "arm-linux-gnueabihf-",
         "s390": "s390x-linux-gnu-"}
TARGET = re.compile(r"^  (?:CC|CHECK)\s+(?:\[M\]\s+)?(\S+)$")
MESSAGE = re.compile(r"^(\S+?):\d+(?::\d+)?: ((?:fatal )?(?:warning|error): .*)$")


class Copy:
    """The tree by hard links, with files of others in place of some."""

    def __init__(self, runner, folder):
        self.runner = runner
        # Where a kernel was built, "source" is a link to the tree itself.
        self.source = os.path.join(folder, "phyr-drivers")
        if os.path.islink(self.source):
            os.remove(self.source)
        os.makedirs(folder, exist_ok=True)
        if os.path.isdir(self.source):
            renew(runner.top, self.source)
        else:
            link(runner.top, self.source)

    def put(self, name, text):
        """In place of a link, never through it; what is the same keeps its time."""
        path = os.path.join(self.source, name)
        data = text.encode("utf-8", "surrogateescape")
        with open(path, "rb") as old:
            if old.read() == data:
                return
        with open(path + ".new", "wb") as file:
            file.write(data)
        os.replace(path + ".new", path)


def link(top, to):
    """A copy that takes no room where that is possible."""
    run = subprocess.run(["cp", "-al", top, to], stderr=subprocess.DEVNULL, check=False)
    if run.returncode:
        shutil.rmtree(to, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", top, to], check=True)


def renew(top, to):
    """Takes little time where most files are links still."""
    for folder, dirs, files in os.walk(top):
        there = to + folder[len(top):]
        os.makedirs(there, exist_ok=True)
        old = {entry.name: entry for entry in os.scandir(there)}
        links = [d for d in dirs if os.path.islink(os.path.join(folder, d))]
        for name in files + links:
            entry = old.pop(name, None)
            path = os.path.join(folder, name)
            if entry and entry.inode() == os.lstat(path).st_ino:
                continue
            if entry and not entry.is_symlink() and entry.is_dir():
                shutil.rmtree(entry.path)
            elif entry:
                os.remove(entry.path)
            try:
                os.link(path, os.path.join(there, name), follow_symlinks=False)
            except OSError:
                shutil.copy2(path, os.path.join(there, name), follow_symlinks=False)
        for name in set(old) - set(dirs):
            gone = old[name]
            if gone.is_dir(follow_symlinks=False):
                shutil.rmtree(gone.path)
            else:
                os.remove(gone.path)


def environment(**more):
    """What a make that runs this doesn't say by itself: who is silent names no objects."""
    return {k: v for k, v in {**os.environ, **more}.items() if k not in ("MAKEFLAGS", "MFLAGS")}


class Build:
    """Objects of a copy of the tree for a machine, everything configured as modules."""

    def __init__(self, copy, folder, arch, *words):
        self.output = os.path.join(folder, arch)
        os.makedirs(self.output, exist_ok=True)
        self.make = ["make", "-C", copy.source, "O=" + self.output, "ARCH=" + arch,
                     "-j" + os.environ.get("JOBS", str(os.cpu_count())), *words]
        if arch in CROSS:
            self.make.append("CROSS_COMPILE=" + CROSS[arch])
        # Warnings are counted, they must not stop the compiler.
        wanted = os.path.join(self.output, "wanted.config")
        with open(wanted, "w", encoding="ascii") as file:
            file.write("# CONFIG_WERROR is not set\n")
        self.must("allmodconfig", KCONFIG_ALLCONFIG=wanted)
        self.must("prepare")

    def must(self, *goals, **env):
        run = subprocess.run(self.make + ["-s", *goals], text=True, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             env=environment(**env))
        if run.returncode:
            sys.exit(f"overlay: make {' '.join(goals)}: {run.stdout}")

    def run(self, *goals):
        run = subprocess.run(self.make + ["-k", "-Otarget", *goals], text=True, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             env=environment())
        return run.stdout

    def compile(self, names, *words):
        """Which objects there are, and what was said of each, lines' numbers left out."""
        for name in names:
            if os.path.exists(os.path.join(self.output, name)):
                os.remove(os.path.join(self.output, name))
        said, current = collections.defaultdict(collections.Counter), None
        for line in self.run(*(words or ("W=1",)), *names).split("\n") if names else ():
            target = TARGET.match(line)
            if target:
                current = target[1]
                continue
            message = MESSAGE.match(line)
            if message and current:
                said[current][message[2]] += 1
        there = {n for n in names if os.path.exists(os.path.join(self.output, n))}
        return there, said


def selects(runner, tried):
    """The Kconfig files' new texts, and those groups for which none is to be had."""
    texts, refused = {}, []

    def read(name):
        return texts[name] if name in texts else runner.read(name)

    for item in list(tried):
        group, changed, where = item
        for name in changed:
            if not name.endswith(".c") or not needs_phyr(where, name):
                continue
            found = kconfig.select(read, runner.kconfigs(name), name)
            if not found:
                refused.append((group, f"no-option: no Kconfig entry builds {name}"))
                tried.remove(item)
                break
            texts[found[0]] = found[1]
            runner.options[name] = found[0]
    return texts, refused


def needs_phyr(where, name):
    """Entries that stay apart need nothing that is compiled."""
    with open(os.path.join(where, name), encoding="utf-8", errors="replace") as file:
        return re.search("phyr(?!_entr|_for_each_entry)", file.read()) is not None


def judge(names, before, after):
    """Why a group can't stay, by what was compiled before and after; "" if it can."""
    there, said = before
    now, says = after
    for name in names:
        if name in there and name not in now:
            error = [m for m in says.get(name, ()) if "error" in m] or ["it fails"]
            return f"doesn't compile: {name}: {error[0]}"
        new = says.get(name, collections.Counter()) - said.get(name, collections.Counter())
        if name in there and new:
            return f"new warning: {name}: {sorted(new)[0]}"
    return ""


def verify(runner, tried):
    """Those that can stay, and those that can't with the reason."""
    texts, refused = selects(runner, tried)
    if not tried:
        return tried, refused
    folder = runner.build
    copy = Copy(runner, folder)
    names = {id(item): runner.objects(item) for item in tried}
    every = sorted({n for list_ in names.values() for n in list_})
    why, built = {}, collections.defaultdict(set)
    for name in runner.others():
        copy.put(name, runner.read(name))
    for item in tried:
        for name in item[0]:
            copy.put(name, runner.read(name))
    for name, text in texts.items():
        copy.put(name, text)
    builds = [Build(copy, folder, arch) for arch in runner.archs]
    before = [build.compile(every) for build in builds]
    for group, changed, where in tried:
        for name in changed:
            with open(os.path.join(where, name), encoding="utf-8",
                      errors="surrogateescape") as file:
                copy.put(name, file.read())
    for build, old in zip(builds, before):
        new = build.compile(sorted(old[0]))
        for item in tried:
            ours = names[id(item)]
            why.setdefault(id(item), "")
            why[id(item)] = why[id(item)] or judge(ours, old, new)
            built[id(item)] |= old[0] & set(ours)
    keep = []
    for item in tried:
        group, changed, where = item
        mine = [n[:-1] + "o" for n in changed if n.endswith(".c")]
        missing = [n for n in mine if n not in built[id(item)]]
        if not missing and not built[id(item)]:
            missing = names[id(item)] or changed
        reason = why[id(item)] or (f"not built: {missing[0]}" if missing else "")
        if reason:
            refused.append((group, reason))
        else:
            keep.append(item)
    return keep, refused
