# SPDX-License-Identifier: GPL-2.0-only
#
# Says of each use of a scatterlist whose it is, from the facts that explain.cocci
# collects: what it would become, or what stands in the way.
#
# Where a list comes from and where it goes is followed through variables, members of
# structs, parameters and return values, over all files that spatch was given.  What
# can't be followed is said to be so.

import collections
import functools
import os
import re
import subprocess

# A list, its table and where in it one is are the same to us.
WRAPPERS = {"sg_table", "sg_append_table", "scatterlist", "sg_mapping_iter",
            "sg_page_iter"}
WRAPPED = {"sgl", "sgt"}

# Calls that make a list of the driver's own, by the argument that becomes one.
FILLS = {
    "sg_alloc_table": 0, "sg_alloc_table_from_pages": 0,
    "sg_alloc_table_from_pages_segment": 0, "sg_alloc_append_table_from_pages": 0,
    "sg_alloc_table_from_folios": 0, "sg_init_table": 0, "sg_init_one": 0,
    "sg_set_page": 0, "sg_set_buf": 0, "sg_set_folio": 0, "sg_init_marker": 0,
    "dma_get_sgtable": 1, "dma_get_sgtable_attrs": 1, "sg_copy": 0,
    "kfifo_dma_out_prepare_mapped": 1, "kfifo_dma_out_prepare": 1,
}
# Calls that return one.
MAKES = {
    "drm_prime_pages_to_sg", "sgl_alloc", "sgl_alloc_order", "dma_alloc_noncontiguous",
}
# Calls that return memory, which only the type of says that it is a list.
ALLOCATES = re.compile(r"^(dev(m)?_)?(k|v|kv)(z?)(m|c)?alloc|^devm_k|^vcalloc|^kmemdup|"
                       r"^dma_pool_|^mempool_alloc|_alloc_objs?$")
# Calls that return their argument, or a place in it.
SAME = {"sg_next": 0, "sg_last": 0, "ERR_CAST": 0, "to_sg_table": 0,
        "READ_ONCE": 0, "rcu_dereference": 0, "xchg": 0, "no_free_ptr": 0,
        "return_ptr": 0, "scatterwalk_ffwd": 1, "fetch_and_zero": 0}

# Whose list it is that a call returns ...
GIVES = {
    "scsi_sglist": "scsi_cmnd", "scsi_prot_sglist": "scsi_cmnd",
    "vb2_dma_sg_plane_desc": "vb2_buffer", "sg_alloc_table_chained": "request",
    "dma_buf_map_attachment": "dma_buf", "dma_buf_map_attachment_unlocked": "dma_buf",
    "dma_buf_dynamic_attach": "dma_buf",
    "drm_gem_shmem_get_pages_sgt": "drm_gem_shmem_object",
    "drm_gem_shmem_get_pages_sgt_locked": "drm_gem_shmem_object",
    "drm_gem_shmem_get_sg_table": "drm_gem_shmem_object",
    "blk_rq_map_sg": "request", "skb_to_sgvec": "sk_buff",
    "dma_buf_phys_vec_to_sgt": "dma_buf",
}
# ... and that it fills.
GIVEN = {
    "blk_rq_map_sg": (1, "request"), "__blk_rq_map_sg": (1, "request"),
    "blk_rq_map_integrity_sg": (1, "request"), "skb_to_sgvec": (1, "sk_buff"),
    "skb_to_sgvec_nomark": (1, "sk_buff"), "sg_alloc_table_chained": (0, "request"),
    "extract_iter_to_sg": (2, "iov_iter"), "iov_iter_extract_sg": (2, "iov_iter"),
    "virtio_scsi_map": (0, "scsi_cmnd"), "copy_SCp_to_sg": (0, "scsi_cmnd"),
}

# Members of structs that subsystems hand to drivers.
HANDED = {
    ("scsi_cmnd", "sdb"), ("scsi_data_buffer", "table"), ("scsi_cmnd", "prot_sdb"),
    ("sas_task", "scatter"), ("mmc_data", "sg"), ("memstick_request", "sg"),
    ("skcipher_request", "src"), ("skcipher_request", "dst"), ("ahash_request", "src"),
    ("aead_request", "src"), ("aead_request", "dst"), ("acomp_req", "src"),
    ("acomp_req", "dst"), ("akcipher_request", "src"), ("akcipher_request", "dst"),
    ("kpp_request", "src"), ("kpp_request", "dst"), ("spi_transfer", "tx_sg"),
    ("spi_transfer", "rx_sg"), ("ata_queued_cmd", "sg"), ("ata_queued_cmd", "cursg"),
    ("urb", "sg"), ("usb_request", "sg"), ("bsg_buffer", "sg_list"),
    ("se_cmd", "t_data_sg"), ("se_cmd", "t_bidi_data_sg"), ("se_cmd", "t_prot_sg"),
    ("nvmet_req", "sg"), ("nvmet_req", "metadata_sg"), ("nvmefc_fcp_req", "first_sgl"),
    ("nvmefc_fcp_req", "sg_table"), ("nvmefc_tgt_fcp_req", "sg"), ("hsi_msg", "sgt"),
    ("brcm_message", "src"), ("brcm_message", "dst"), ("drm_gem_shmem_object", "sgt"),
    ("rm_data_op", "op_sg"), ("rm_atomic_op", "op_sg"), ("ib_umem", "sgt_append"),
    ("fpga_image_info", "sgt"),
    ("sas_smp_task", "smp_req"), ("sas_smp_task", "smp_resp"),
    ("ulptx_walk", "sgl"), ("scsi_data_buffer", "sgl"), ("mmc_request", "sg"),
    ("drm_gem_object", "import_attach"), ("ttm_tt", "sg"),
}
# Names that tell by themselves whose a list is, where spatch knows no type.
SPEAKING = {m: s for s, m in HANDED if m in {
    "scatter", "smp_req", "smp_resp", "sg_list", "t_data_sg", "t_prot_sg", "op_sg",
    "t_bidi_data_sg", "tx_sg", "rx_sg", "sdb", "prot_sdb", "metadata_sg", "first_sgl"}}
# Members that lead to one.
MEANS = {"data": "mmc_data", "request_payload": "bsg_buffer", "reply_payload": "bsg_buffer",
         "smp_task": "sas_smp_task", "sdb": "scsi_data_buffer"}
# Of those, the ones that aren't requests.
SHMEM = "drm_gem_shmem_object"
IMPORTS = {"dma_buf"}

# The implementation of lists and of what hands them to drivers.
CORE = re.compile(
    r"^(arch|kernel|lib|include|rust|mm|block)/|^drivers/(iommu|infiniband/core|xen/swiotlb)|"
    r"^drivers/gpu/drm/drm_(prime|cache)|^drivers/dma-buf/dma-buf|^drivers/spi/spi\.c$|^crypto/|"
    r"^drivers/virtio/virtio_ring")
BUFFER_OPS = {"map_dma_buf", "unmap_dma_buf"}
SHMEM_HELPER = "drivers/gpu/drm/drm_gem_shmem_helper.c"

SITES = """dma_alloc_noncontiguous dma_buf_map_attachment dma_buf_map_attachment_unlocked
dma_get_sgtable dma_get_sgtable_attrs dma_map_sg dma_map_sg_attrs dma_map_sgtable
dma_unmap_sg dma_unmap_sg_attrs dma_unmap_sgtable drm_gem_shmem_get_pages_sgt
drm_gem_shmem_get_pages_sgt_locked drm_prime_pages_to_sg ib_dma_map_sg ib_dma_map_sg_attrs
ib_dma_map_sgtable_attrs ib_dma_unmap_sg ib_dma_unmap_sg_attrs ib_dma_unmap_sgtable_attrs
sg_alloc_append_table_from_pages sg_alloc_table sg_alloc_table_chained
sg_alloc_table_from_pages sg_alloc_table_from_pages_segment""".split()
# The argument that is the list; none for calls that return it.
LIST_AT = {name: 1 for name in SITES}
LIST_AT.update({name: 0 for name in SITES if name.startswith("sg_alloc")})
for _name in SITES:
    if _name in MAKES or _name in GIVES and _name != "sg_alloc_table_chained":
        LIST_AT[_name] = None

# Calls of the kernel that leave a list where it is.
STAYS = re.compile(
    r"^(sg_|sgl_|dma_(un)?map_|dma_sync_|ib_dma_|for_each_|kfree|kvfree|vfree|free_|IS_ERR|PTR_ERR|"
    r"\w*(WARN|BUG)|mem(cpy|move)$|likely|unlikely|sizeof|memset|min|max|clamp|dma_get_sgtable|debug|"
    r"__sg_|ARRAY_SIZE|virt_to|print|dev_|pr_|trace_|dma_free_|drm_prime_pages_to_sg|devm_k|"
    r"KUNIT_|kfifo_|container_of|xchg|READ_ONCE|WRITE_ONCE|swap|offset_in|PAGE_|no_free_ptr|return_ptr|DIV_ROUND)")
# ... and those of dmaengine, for which a list of one entry isn't needed.
ENGINE = re.compile(r"^(dmaengine_prep_|dmaengine_)")

# What takes a table that was mapped, by a bridge.
BRIDGED = {"dmaengine_prep_slave_sg()", "ib_map_mr_sg()"}
# What only imported tables are given to.
IMPORTED = {"dma_buf_unmap_attachment()", "dma_buf_unmap_attachment_unlocked()",
            "drm_prime_gem_destroy()"}
# What puts lists together, or cuts them.
CHAINS = {"sg_chain", "sg_unmark_end", "sg_mark_end", "sg_split"}

# What has no replacement, so that all lists of its driver stay.
NO_REPLACEMENT = re.compile(
    r"^(sg_(chain|split|last|assign_page|mark_end|unmark_end|is_chain|chain_ptr|nents_for_len|"
    r"miter_start|alloc_table_chained|alloc_append_table_from_pages)|sgl_(alloc|free)_\w*order|"
    r"kfifo_dma_(in|out)_prepare\w*|dma_(alloc|free)_noncontiguous|dma_buf_map_attachment\w*|"
    r"iommu_map_sg(table)?|vb2_dma_sg_plane_desc|blk_rq_map_sg|skb_to_sgvec|scsi_sglist)$")
# One entry is an address and a length, which others aren't.
SEVERAL = re.compile(r"^sg_(init_table|set_buf|set_page|alloc_table\w*)$|^sgl_alloc$")
# Where what is declared in include/ may be used; and by how many at most, if it is a
# driver's own.
ANYWHERE = ("arch", "block", "crypto", "drivers", "fs", "include", "io_uring", "kernel", "lib",
            "mm", "net", "samples", "security", "sound", "virt")
FEW = 4

# What crypto drivers are asked: they put pieces of their own before and after.
REQUEST = re.compile("_req(uest)?$")

CLASSES = {
    "a1": "its own table, which stays in the driver",
    "a2": "its own table, which leaves the driver",
    "b": "a short list built on the spot",
    "c": "a list that an API hands to the driver or fills",
    "d": "an operation of a DMABUF exporter",
    "e": "a DMABUF that is imported",
    "f": "the implementation of an API",
    "g": "memory of drm_gem_shmem",
    "?": "unknown",
}


def split(text):
    """The arguments of a call, at the commas that aren't inside of others."""
    args, depth, start = [], 0, 0
    for i, c in enumerate(text):
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and not depth:
            args.append(text[start:i].strip())
            start = i + 1
    rest = text[start:].strip()
    return args + [rest] if rest or args else []


@functools.lru_cache(maxsize=None)
def squeeze(text):
    """Without the blanks that spatch puts between all words."""
    return re.sub(r"(?<!\w) | (?!\w)", "", text)


def enclosed(text):
    """Is all of it in one pair of parentheses?"""
    depth = 0
    for i, c in enumerate(text):
        depth += {"(": 1, ")": -1}.get(c, 0)
        if not depth:
            return i == len(text) - 1
    return False


@functools.lru_cache(maxsize=None)
def bare(text):
    """An expression without casts, parentheses, & and *, indices and sums."""
    while True:
        old = text
        text = text.strip()
        text = re.sub(r"^[&*]+", "", text)
        text = re.sub(r"^\((const )?(struct )?\w+ ?\**\)(?=[\w&(*])", "", text)
        if text.startswith("(") and enclosed(text):
            text = text[1:-1]
        if text.endswith("]"):
            text = text[:matching(text)]
        text = re.sub(r"^([\w>.\-]+)[+\-][\w>.\-]+$", r"\1", text) \
            if "->" not in text and not text.startswith("-") else text
        text = re.sub(r"(\+\+|--)$", "", text)
        if text == old:
            return text


def matching(text):
    """Where the bracket that ends a text begins."""
    depth = 0
    for i in range(len(text) - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(text[i], 0)
        if not depth:
            return i
    return 0


# A place in an array that is a member, or in other memory.
SUM = re.compile(r"^(.*(?:->|\.)\w+)\+[\w>.\-]+$|^\(?(?:\(\w+ ?\*+\))?\w+\([^()]*\)\+.*$")
LISTLIKE = re.compile(r"sg|list|sgl|table$")
def near(file, other):
    """Are two files of one driver, or is one of what is above it?"""
    one, two = (os.path.dirname(f).split("/") for f in (file, other))
    common = os.path.commonprefix([one, two])
    return len(common) >= min(len(one), len(two), 4)


MEMBER = re.compile(r"^(.*?)(->|\.)(\w+)$", re.S)
CALL = re.compile(r"^(\w+)\((.*)\)$", re.S)
ALIAS = re.compile(r"^#define (\w+)\(([\w, ]+)\)\s*\\?\s*(\w+)\(([\w, ()]+)\)\s*$", re.M)


@functools.lru_cache(maxsize=None)
def called(text):
    """The name and the arguments of a call, and nothing else than one."""
    found = CALL.match(text)
    if found and enclosed(text[len(found[1]):]):
        return found[1], split(found[2])
    return None


@functools.lru_cache(maxsize=None)
def last_member(text):
    depth = 0
    for i in range(len(text) - 1, 0, -1):
        c = text[i]
        depth += {")": 1, "]": 1, "(": -1, "[": -1}.get(c, 0)
        if depth:
            continue
        if text[i - 1:i + 1] == "->":
            return text[:i - 1], text[i + 1:]
        if c == "." and not text[i + 1:i + 2].isdigit():
            return text[:i], text[i + 1:]
    return None


# How many words there are of each kind of fact; the last may have tabs in it.
FIELDS = {"fn": 2, "decl": 2, "call": 2, "icall": 2, "set": 2, "keeps": 2, "takes": 3,
          "walk": 2, "apart": 1, "return": 1, "op": 3, "member": 3, "struct": 1}


class Facts:
    """What spatch saw, by what is asked for."""

    def __init__(self, lines):
        self.params = {}
        self.defined = collections.defaultdict(set)
        self.types = {}
        self.structs = {}
        self.ops = collections.defaultdict(set)
        self.exports = {}
        self.sets = []
        self.calls = []
        self.icalls = collections.defaultdict(list)
        self.returns = collections.defaultdict(list)
        self.walks = []
        self.apart = []
        self.users = collections.defaultdict(set)
        self.lists = set()
        self.files = set()
        self.members_of = collections.defaultdict(set)
        self.has = collections.defaultdict(set)
        self.private = set()
        self.aliases = {}
        for line in sorted(set(lines), key=lambda l: (not l.startswith("struct"), l)):
            kind, file, number, func, *rest = line.split("\t")
            rest[FIELDS[kind] - 1:] = [" ".join(rest[FIELDS[kind] - 1:])]
            file = os.path.normpath(file)
            self.files.add(file)
            getattr(self, "add_" + kind)(file, int(number), func, *rest)
        self.find_aliases()
        macros = {macro for _, macro in self.aliases}
        self.calls = [(f, line, func, self.alias(name, f) if name in macros else name, args)
                      for f, line, func, name, args in self.calls]

    def add_fn(self, file, line, func, name, params):
        names = [re.findall(r"\w+", p)[-1:] for p in split(params)]
        self.params[file, name] = [n[0] if n else "" for n in names]
        self.defined[name].add(file)
        for param, found in zip(split(params), names):
            if found:
                self.types.setdefault((file, name, found[0]), param)

    def add_decl(self, file, line, func, type_, name):
        self.types[file, func, name] = type_

    def add_call(self, file, line, func, name, args):
        self.calls.append((file, line, func, name, [squeeze(a) for a in split(args)]))

    def add_icall(self, file, line, func, name, args):
        self.icalls[name].append((file, line, func, [squeeze(a) for a in split(args)]))

    def add_set(self, file, line, func, left, right):
        self.sets.append((file, line, func, squeeze(left), squeeze(right)))

    def add_keeps(self, file, line, func, left, right):
        pass

    def add_takes(self, file, line, func, name, at, arg):
        self.lists.add((file, line, name, int(at)))

    def add_walk(self, file, line, func, name, args):
        self.walks.append((file, line, func, name, [squeeze(a) for a in split(args)]))

    def add_apart(self, file, line, func, text):
        self.apart.append((file, line, func, squeeze(text)))

    def add_return(self, file, line, func, value):
        self.returns[file, func].append((line, squeeze(value)))

    def add_op(self, file, line, func, struct, member, value):
        self.ops[value].add((file, struct, member))
        if struct == "dma_buf_ops" and member in BUFFER_OPS:
            self.exports.setdefault(file, line)

    def add_struct(self, file, line, func, name):
        if file.endswith(".c"):
            self.private.add((file, name))

    def named(self, file, struct):
        """Others may have a struct of the same name in files of theirs."""
        return f"{file}:{struct}" if (file, struct) in self.private else struct

    def add_member(self, file, line, func, struct, member, base):
        struct = self.named(file, struct)
        self.structs[file, func, squeeze(base), member] = struct
        self.members_of[os.path.dirname(file), member].add(struct)
        self.has[struct, member].add((file, func))
        if not file.startswith("include/"):
            self.users[struct].add(file)

    def find_aliases(self):
        """Macros in headers which call a function with what they are given, and more."""
        for file in self.files:
            for found in ALIAS.finditer(read(file)) if file.endswith(".h") else ():
                name, params, func, args = found.groups()
                params, args = (re.findall(r"\w+", x) for x in (params, args))
                if name != func and args[:len(params)] == params:
                    self.aliases[os.path.dirname(file), name] = func

    def alias(self, name, file):
        top = "/".join(file.split("/")[:3])
        found = {func for (folder, macro), func in self.aliases.items()
                 if macro == name and folder.startswith(top)}
        return found.pop() if len(found) == 1 else name

    def definition(self, name, file):
        """The file that has the function which a file calls by a name."""
        files = self.defined.get(name, ())
        if file in files:
            return file
        files = [f for f in files if not CORE.match(f)]
        near = [f for f in files if os.path.dirname(f) == os.path.dirname(file)]
        if near:
            return sorted(near)[0]
        top = "/".join(file.split("/")[:3])
        near = [f for f in files if f.startswith(top)]
        return sorted(near)[0] if near else None


class Graph:
    """Which places hold the same list: variables, members, parameters, results."""

    def __init__(self, facts):
        self.facts = facts
        self.into = collections.defaultdict(set)
        self.out = collections.defaultdict(set)
        self.passed = collections.defaultdict(set)
        self.sources = collections.defaultdict(set)
        self.goes = collections.defaultdict(set)
        self.uses = collections.defaultdict(set)
        self.outs = set()
        self.called_by = collections.defaultdict(set)
        self.members = collections.defaultdict(set)
        for file, line, func, left, right in facts.sets:
            self.assign(file, line, func, left, right)
        for file, line, func, name, args in facts.walks:
            self.walk(file, line, func, name, args)
        for file, line, func, name, args in facts.calls:
            self.call(file, line, func, name, args)
        for file, line, func, text in facts.apart:
            self.uses[self.node(file, func, text)].add(("apart", file, line))
        for (file, func), values in facts.returns.items():
            for line, value in values:
                self.value(file, line, func, ("r", file, func), value)
        for (file, func) in facts.params:
            self.op_params(file, func)
        for place in list(self.into) + list(self.sources):
            if place and place[0] == "m":
                self.members[place[1]].add(place)

    def node(self, file, func, text):
        """The place that an expression names, or None for one that names none."""
        text = bare(text)
        if re.fullmatch(r"[A-Za-z_]\w*", text):
            if (file, func, text) in self.facts.types or \
               text in self.facts.params.get((file, func), ()):
                return ("v", file, func, text)
            return ("g", file, text)
        found = last_member(text)
        if not found:
            return self.same(file, func, text)
        base, member = found
        struct = self.facts.structs.get((file, func, base, member))
        outer = last_member(base)
        if struct is None and outer:
            # A struct without a name, in one that has one.
            struct = self.facts.structs.get((file, func, *outer))
            struct = struct if (struct, member) in HANDED else MEANS.get(outer[1])
        if struct in WRAPPERS and member not in WRAPPED:
            return None
        if member in WRAPPED and (struct in WRAPPERS or struct is None and
                                  self.wraps(file, func, base)):
            return self.node(file, func, base)
        if struct is None and outer and outer[1] in nameless(file):
            struct, member = self.within(file, func, outer, member)
        if struct is None:
            known = self.facts.members_of.get((os.path.dirname(file), member), ())
            known = {s for s in known if s not in WRAPPERS}
            struct = next(iter(known)) if len(known) == 1 else "?" + os.path.dirname(file)
        return ("m", struct, member)

    def within(self, file, func, outer, member):
        """The struct with a name around those without, and the way to a member from there:
        a namesake in another struct isn't the same."""
        while outer:
            base, name = outer
            member = f"{name}.{member}"
            struct = self.facts.structs.get((file, func, base, name))
            if struct:
                return struct, member
            outer = last_member(bare(base))
        return "?" + os.path.dirname(file), member

    def same(self, file, func, text):
        call = called(text)
        if call and call[0] in SAME and len(call[1]) > SAME[call[0]]:
            return self.node(file, func, call[1][SAME[call[0]]])
        if call and call[0] in GIVES:
            return ("h", GIVES[call[0]])
        where = call and self.facts.definition(call[0], file)
        return ("r", where, call[0]) if where else None

    def wraps(self, file, func, base):
        """Is a thing whose type is unknown a table, by its name or declaration?"""
        base = bare(base)
        declared = self.facts.types.get((file, func, base), "")
        if "sg_table" in declared or "sg_append_table" in declared:
            return True
        found = last_member(base)
        name = found[1] if found else base
        return not declared and re.search(r"sgt|table|^st$|sg_head|^sg$|tbl", name) is not None

    def edge(self, a, b):
        if a and b and a != b:
            self.out[a].add(b)
            self.into[b].add(a)

    def value(self, file, line, func, to, text):
        """A place is given a value: another's, or what a call returns."""
        text = bare(text)
        if not to or text in ("NULL", "0"):
            return
        choice = re.match(r"^(.*?)\?(.*?):(.*)$", text)
        if choice and not called(text):
            for part in choice[2], choice[3]:
                self.value(file, line, func, to, part)
            if not choice[2]:
                self.value(file, line, func, to, choice[1])
            return
        call = called(text)
        if call and call[0] in SAME:
            self.edge(self.node(file, func, text), to)
        elif call:
            self.result(file, line, func, to, *call)
        elif SUM.match(text):
            array = SUM.match(text)[1]
            if array and LISTLIKE.search(last_member(array)[1]):
                self.edge(self.node(file, func, array), to)
            else:
                self.sources[to].add(("carved", ""))
        elif re.match(r"^[\w(]", text) and not re.match(r"^\d", text):
            self.edge(self.node(file, func, text), to)

    def result(self, file, line, func, to, name, args):
        where = self.facts.definition(name, file)
        if name in GIVES:
            self.sources[to].add(("handed", GIVES[name]))
        elif name in MAKES:
            self.sources[to].add(("own", name))
        elif where:
            self.edge(("r", where, name), to)
        elif ALLOCATES.search(name):
            self.sources[to].add(("allocated", name))
        else:
            self.sources[to].add(("call", name))

    def assign(self, file, line, func, left, right):
        if re.match(r"^sg_dma_(address|len)\(", left):
            arg = called(left)
            if arg and arg[1]:
                what = "length-written" if arg[0] == "sg_dma_len" else "address-written"
                self.uses[self.node(file, func, arg[1][0])].add((what, file, line))
            return
        found = last_member(bare(left))
        if found and found[1] in ("dma_address", "dma_length"):
            self.uses[self.node(file, func, found[0])].add(("address-written", file, line))
            return
        if found and found[1] in ("nents", "orig_nents", "length", "offset", "page_link"):
            return
        place = self.node(file, func, left)
        if left.startswith("*"):
            self.outs.add(place)
        self.value(file, line, func, place, right)

    def walk(self, file, line, func, name, args):
        if name in ("for_each_sg", "for_each_sgtable_sg", "for_each_sgtable_dma_sg") and \
           len(args) > 1:
            self.edge(self.node(file, func, args[0]), self.node(file, func, args[1]))
            self.uses[self.node(file, func, args[0])].add(("walked", file, line))

    def call(self, file, line, func, name, args):
        where = self.facts.definition(name, file)
        self.called_by[name].add((file, func))
        if name in FILLS and len(args) > FILLS[name]:
            self.fill(file, line, func, name, args)
        if name in GIVEN and len(args) > GIVEN[name][0]:
            at, whose = GIVEN[name]
            self.sources[self.node(file, func, args[at])].add(("handed", whose))
        params = self.facts.params.get((where, name), ()) if where else ()
        for at, arg in enumerate(args):
            place = self.node(file, func, arg) if re.match(r"^[&(*]?[\w(*&]", arg) else None
            if place is None:
                continue
            if where and at < len(params):
                self.edge(place, ("v", where, name, params[at]))
                self.passed[place].add(("v", where, name, params[at]))
                if ("v", where, name, params[at]) in self.outs:
                    self.edge(("v", where, name, params[at]), place)
            elif not where and name not in SAME and not STAYS.match(name) and \
                    not ALLOCATES.search(name) and \
                    self.is_list(file, line, name, at, arg):
                self.goes[place].add((name + "()", file, line))
            elif name in CHAINS:
                self.uses[place].add(("chained", file, line))
            elif name == "sg_miter_start":
                self.uses[place].add(("in-pieces", file, line))

    def is_list(self, file, line, name, at, arg):
        """By its type, as far as spatch knows it, else by its name."""
        last = re.findall(r"\w+", bare(arg))[-1:]
        return (file, line, name, at) in self.facts.lists or \
            bool(last) and re.fullmatch(r"\w*sgt?l?s?|\w*_sgs?|sgt?_table|st", last[0]) is not None

    def fill(self, file, line, func, name, args):
        to = self.node(file, func, args[FILLS[name]])
        kind = ("own", name)
        if name == "sg_init_one" or name == "sg_init_table" and \
           re.fullmatch(r"[1-9]", args[1] if len(args) > 1 else ""):
            kind = ("short", name)
            if args[1:] not in ([], ["1"]) and name == "sg_init_table":
                self.uses[to].add(("several", file, line))
        elif name.startswith("sg_set") or name.startswith("kfifo"):
            kind = ("set", name)
        if name.startswith("kfifo") and args[2:3] != ["1"] or kind == ("own", "sg_init_table"):
            self.uses[to].add(("several", file, line))
        self.sources[to].add(kind)

    def op_params(self, file, func):
        """Who calls a function by a pointer may be in the driver, or out of sight."""
        ops = {(s, m) for f, s, m in self.facts.ops.get(func, ())
               if self.facts.definition(func, f) == file}
        for struct, member in ops:
            calls = [c for c in self.facts.icalls.get(member, ()) if
                     os.path.dirname(c[0]).startswith(os.path.dirname(file)) or
                     os.path.dirname(file).startswith(os.path.dirname(c[0]))]
            for at, param in enumerate(self.facts.params[file, func]):
                to = ("v", file, func, param)
                for cfile, line, cfunc, args in calls:
                    if at < len(args):
                        self.edge(self.node(cfile, cfunc, args[at]), to)
                if not calls:
                    self.sources[to].add(("operation", f"{struct}.{member}"))

    def origins(self, start):
        """What comes to be in a place."""
        found, seen, todo = set(), set(), [start]
        while todo:
            place = todo.pop()
            if place in seen or place is None:
                continue
            seen.add(place)
            found |= self.of(place)
            # What else comes to be in a struct of an API says nothing of this driver.
            if place[0] != "m" or place[1:] not in HANDED:
                todo.extend(self.into.get(place, ()))
        found |= self.filled(seen)
        for place in self.reaches(seen):
            found |= {s for s in self.sources.get(place, ()) if s[0] in ("own", "short", "set")}
        return found, seen

    def of(self, place):
        if place[0] == "h" or place[0] == "m" and place[1:] in HANDED:
            return {("handed", place[1])}
        found = set(self.sources.get(place, ()))
        if place[0] == "m" and place[1][0] == "?" and place[2] in SPEAKING:
            found.add(("handed", SPEAKING[place[2]]))
        if place[0] == "v" and place[3] in self.facts.params.get(place[1:3], ()) and \
           not self.into.get(place) and not found:
            found.add(("param", place[2]))
        return found

    def filled(self, places):
        """What functions that they are passed to put there."""
        found, seen = set(), set(places)
        todo = [p for place in places for p in self.passed.get(place, ())]
        while todo:
            place = todo.pop()
            if place in seen:
                continue
            seen.add(place)
            found |= {s for s in self.sources.get(place, ())
                      if s[0] in ("own", "short", "set", "handed", "allocated")}
            todo.extend(self.passed.get(place, ()))
            todo.extend(p for p in self.into.get(place, ())
                        if p[0] == "r" or p[0] == "v" and p[:3] == place[:3])
        return found

    def reaches(self, places, until=()):
        """Where all that goes from some places, up to members of some structs."""
        seen, todo = set(), list(places)
        while todo:
            place = todo.pop()
            if place in seen:
                continue
            seen.add(place)
            if place[0] != "m" or place[1:] not in until:
                todo.extend(self.out.get(place, ()))
        return seen


# What those become whose entries have to stay apart.
APART = {
    "sg_alloc_table": "phyr_entries_alloc()",
    "dma_map_sg": "phyr_entry_map()",
    "dma_unmap_sg": "phyr_entry_unmap()",
}
# What a use becomes, once the whole of its group can be converted.
BECOMES = {
    "sg_alloc_table": "phyr_table_reserve()",
    "sg_alloc_table_from_pages": "phyr_table_from_pages()",
    "sg_alloc_table_from_pages_segment": "phyr_table_from_pages()",
    "dma_map_sgtable": "phyr_table_map()",
    "dma_unmap_sgtable": "phyr_table_unmap()",
    "dma_map_sg": "phyr_table_map_nr()",
    "dma_map_sg_attrs": "phyr_table_map_nr()",
    "dma_unmap_sg": "phyr_table_unmap()",
    "dma_unmap_sg_attrs": "phyr_table_unmap()",
    "drm_prime_pages_to_sg": "phyr_table_from_pages()",
    "dma_get_sgtable": "the memory's DMA address",
    "sgl_alloc": "phyr_table_alloc()",
    "ib_dma_map_sg": "ib_phyr_table_map_nr()",
    "ib_dma_unmap_sg": "phyr_table_unmap()",
}
SHORT = {
    "dma_map_sg": "dma_map_single()",
    "dma_unmap_sg": "dma_unmap_single()",
}


class Explain:
    """The class of each use, and what becomes of it or what is in the way."""

    def __init__(self, facts):
        self.facts = facts
        self.graph = Graph(facts)
        self.graph_cache = {}
        self.places_of = {}
        self.structs = {}
        self.known_outside = {}
        self.few = {}
        self.near = {}
        self.exporters = self.only_called_by(BUFFER_OPS)
        self.exporting = self.only_called_by(None)
        # A driver's lists are converted together, if they are in one file or struct.
        self.apart = {file for file, _, _, _ in facts.apart}
        self.kept = set()
        self.hard = self.blockers()
        self.beside = self.lent()

    def blockers(self):
        """What stops all lists of a file, as they are converted together."""
        found, single, several, synced, regions = {}, {}, set(), {}, {}
        for file, line, func, name, args in self.facts.calls:
            if NO_REPLACEMENT.match(name):
                found.setdefault(file, f"no-replacement: {name}() in {file}:{line}")
            elif name.startswith("dma_sync_sg_for_"):
                synced.setdefault(file, f"no-replacement: {name}() in {file}:{line}")
            elif name in ("ib_dma_map_sg", "ib_map_mr_sg"):
                regions.setdefault(file, {}).setdefault(name, line)
            elif name == "sg_init_one":
                single.setdefault(file, line)
            elif SEVERAL.match(name):
                several.add(file)
        for file in sorted(several & set(single)):
            found.setdefault(file, "several: entries, beside one that is made in "
                             f"{file}:{single[file]}")
        for file in several & set(synced):
            found.setdefault(file, synced[file])
        for file, lines in regions.items():
            if "ib_map_mr_sg" not in lines:
                found.setdefault(file, "no-replacement: ib_dma_map_sg() for no memory "
                                 f"region, in {file}:{lines['ib_dma_map_sg']}")
        for file, line, func, left, right in self.facts.sets:
            if left.startswith("sg_dma_address(") and file not in self.apart:
                found.setdefault(file, f"address-written: in {file}:{line}")
        for file, line, func, name, args in self.facts.walks:
            if re.match("for_each_sgtable_(dma_)?page$", name) and args[2:] != ["0"]:
                found.setdefault(file, f"no-replacement: {name}() from another page than the "
                                 f"first, in {file}:{line}")
        for file, line in self.facts.exports.items():
            found.setdefault(file, f"dmabuf-export: beside the operations in {file}:{line}")
        return found

    def lent(self):
        """The files of a driver to which each gives lists, and that give it some, by the
        functions that they call."""
        found = collections.defaultdict(set)
        for file, line, func, name, args in self.facts.calls:
            where = self.facts.definition(name, file)
            if where and where != file and near(where, file) and any(
                    self.graph.is_list(file, line, name, at, arg) for at, arg in enumerate(args)):
                found[file].add(where)
                found[where].add(file)
        return found

    def together(self, site):
        """The files of a driver that have the list, or lists for the same functions."""
        seen, places = set(), self.places(site)
        todo = [p[1] for p in places if p[0] in "vrg"] + [site[0]]
        todo += [f for p in places if p[0] == "m" for f, _ in self.facts.has.get(p[1:], ())]
        while todo:
            file = todo.pop()
            if file not in seen and near(file, site[0]):
                seen.add(file)
                todo.extend(self.beside.get(file, ()))
        return [site[0], *sorted(seen - {site[0]})]

    def only_called_by(self, members):
        """The functions of exporters, and those that only such functions call."""
        ours = {(f, name) for name, ops in self.facts.ops.items()
                for f, struct, member in ops
                if struct == "dma_buf_ops" and (members is None or member in members)}
        while True:
            more = set()
            for (file, func) in self.facts.params:
                callers = {c for c in self.graph.called_by.get(func, ())
                           if self.facts.definition(func, c[0]) == file}
                if callers and callers <= ours and (file, func) not in ours:
                    more.add((file, func))
            if not more:
                return ours
            ours |= more

    def sites(self):
        seen = set()
        ours = [(file, line, func, name, args) for name in LIST_AT
                for file, line, func, args in self.facts.icalls.get(name, ())]
        for file, line, func, name, args in self.facts.calls + ours:
            if name in LIST_AT and (file, line, name, tuple(args)) not in seen:
                seen.add((file, line, name, tuple(args)))
                yield file, line, func, name, args

    def place(self, file, line, func, name, args):
        """Where the list is that a site is about."""
        at = LIST_AT[name]
        if at is not None:
            return self.graph.node(file, func, args[at]) if at < len(args) else None
        call = squeeze(f"{name}({','.join(args)})")
        for sfile, sline, sfunc, left, right in self.facts.sets:
            if sfile == file and sfunc == func and right == call:
                return self.graph.node(file, func, left)
        for rline, value in self.facts.returns.get((file, func), ()):
            if value == call:
                return ("r", file, func)
        return None

    def explain(self, site):
        """Class, why, and what stands in the way of its conversion: "" for nothing."""
        file, line, func, name, args = site
        if CORE.match(file):
            return "f", "core", "api-implementation"
        if name.startswith("dma_buf_map_attachment"):
            return "e", "dma_buf_map_attachment()", "dmabuf-import"
        if name.startswith("drm_gem_shmem") or file == SHMEM_HELPER:
            return "g", name + "()", "drm-gem-shmem"
        if (file, func) in self.exporters:
            return "d", "dma_buf_ops", "dmabuf-export"
        place = self.place(*site)
        if place is None and LIST_AT[name] is not None:
            return "?", args[LIST_AT[name]], "unfollowed"
        if place is None:
            origins, places = set(), set()
        else:
            origins, places = self.origins(place)
            origins = set(origins)
        if name in MAKES or name == "sg_alloc_table" or name in FILLS:
            origins.add(("own", name))
        return self.judge(site, place, origins, places)

    def judge(self, site, place, origins, places):
        whose = sorted({w for kind, w in origins if kind == "handed"})
        requests = [w for w in whose if w not in IMPORTS and w != SHMEM and w != "ttm_tt"]
        # Of several, one that the file itself speaks of.
        requests.sort(key=lambda w: (w not in read(site[0]), w))
        own = {kind for kind, _ in origins} & {"own", "short", "set"}
        if requests and site[3] not in FILLS:
            return "c", requests[0], "handed-over"
        if requests:
            return "a2", site[3], f"shared: the place has lists of a {requests[0]} too"
        if SHMEM in whose and not own:
            return "g", SHMEM, "drm-gem-shmem"
        if "ttm_tt" in whose and not own:
            return "a2", "", "passed-on: to ttm_tt.sg"
        if "dma_buf" in whose and not own:
            return "e", "dma_buf", "dmabuf-import"
        ops = sorted({w for kind, w in origins if kind == "operation"})
        if ops and not own:
            return "c", ops[0], "handed-over"
        if not own and not any(kind == "allocated" for kind, _ in origins) and \
           not self.declared(places):
            for p in sorted(p for p in places if p[0] == "v"):
                if p[3] in self.facts.params.get(p[1:3], ()) and self.outside(p[1], p[2]):
                    return self.outside(p[1], p[2])
            handed = self.handed(site, places)
            if handed:
                return "c", handed, "handed-over"
            calls = sorted({w for kind, w in origins if kind in ("call", "param")})
            return "?", "", "out-of-sight: " + (f"what {calls[0]}() returns or is given"
                                                if calls else "nothing in sight fills it")
        return self.own(site, place, origins, places)

    def handed(self, site, places):
        """A struct of an API that nobody in sight fills, or one whose other lists are
        all those of requests."""
        for p in sorted(p for p in places if p[0] == "m" and not self.graph.into.get(p)):
            if not self.declared_near(p[1], site[0]):
                return p[1]
            for other in sorted(self.graph.members[p[1]] - {p}):
                found = {w for kind, w in self.origins(other)[0] if kind == "handed"}
                if found and p[1][0] != "?":
                    return sorted(found)[0]
        return None

    def outside(self, file, func):
        """Class and reason where a function is called by others, from its file's and
        its folder's text: by name if it is exported, or by an operation."""
        if (file, func) not in self.known_outside:
            self.known_outside[file, func] = self.look_outside(file, func)
        return self.known_outside[file, func]

    def look_outside(self, file, func):
        folder = os.path.dirname(file) or "."
        beside = [read(os.path.join(folder, name)) for name in sorted(os.listdir(folder))
                  if name.endswith(".c") and name != os.path.basename(file)]
        for text in beside + [read(file)]:
            found = re.search(r"\.(\w+)\s*=\s*%s\b" % func, text)
            if found:
                return "c", "operation " + found[1], "handed-over"
        if re.search(r"^EXPORT_SYMBOL\w*\(\s*%s\b" % func, read(file), re.M):
            if any(re.search(r"\b%s\s*\(" % func, text) for text in beside):
                return "a2", "", f"out-of-sight: of the callers of {func}()"
            return "c", f"who calls {func}()", f"handed-over: by the callers of {func}()"
        return None

    def declared(self, places):
        return any(p[0] == "v" and re.search(
            r"struct (scatterlist|sg_table)\b[^*]*$", self.facts.types.get(p[1:], ""))
                   for p in places)

    def own(self, site, place, origins, places):
        """A list of the driver's: does it stay, is it short, what is done with it?"""
        reached = self.graph.reaches([p for p in places if not self.imported(p)], HANDED)
        goes, far, uses = {}, {}, {}
        for p in sorted(reached, key=str):
            for what, file, line in sorted(self.graph.goes.get(p, ())):
                (goes if near(file, site[0]) else far).setdefault(what, (file, line))
            for what, file, line in sorted(self.graph.uses.get(p, ())):
                uses.setdefault(what, (file, line))
        engine = [g for g in goes if ENGINE.match(g)]
        kinds = {kind for kind, _ in origins}
        tables = any(name.startswith(("sg_alloc_table", "dma_get_sgtable", "drm_prime"))
                     for kind, name in origins)
        why = ", ".join(sorted({n for k, n in origins if k in ("own", "short", "set")}))
        several = uses.pop("several", None)
        if not tables and (engine or "short" in kinds and "own" not in kinds):
            return "b", why, "several: entries, made in %s:%d" % several if several else ""
        away = sorted(g for g in goes if not ENGINE.match(g) and g not in BRIDGED) + \
            [g for g in engine if not tables or g not in BRIDGED]
        away.sort(key=lambda g: g in IMPORTED)
        if away:
            file, line = goes[away[0]]
            what = "shared: the place has imported tables too, which go to" \
                if away[0] in IMPORTED else "passed-on: to"
            return "a2", why, f"{what} {away[0]} in {file}:{line}"
        foreign = sorted(p[1] + "." + p[2] for p in reached if p[0] == "m" and
                         (p[1:] in HANDED or not self.local(p[1], site[0])))
        if foreign:
            return "a2", why, "passed-on: to " + foreign[0]
        returned = [(f, m) for p in reached if p[0] == "r"
                    for f, s, m in self.facts.ops.get(p[2], ()) for m in [f"{s}.{m}"]]
        if returned and self.exported_pages(site):
            return "a2", why, ""
        if returned:
            return "a2", why, "passed-on: by " + sorted(r[1] for r in returned)[0]
        calls = sorted(f"{s}.{m}" for p in reached | set(places) if p[0] == "v" and
                       p[3] in self.facts.params.get(p[1:3], ())
                       for f, s, m in self.facts.ops.get(p[2], ())
                       if not near(p[1], site[0]) or self.called_from_afar(m, site[0]))
        if calls:
            return "a2", why, "passed-on: by " + calls[0]
        unseen = self.unseen(reached, places)
        if unseen:
            return "a2", why, unseen
        if far:
            return "a2", why, "passed-on: to %s in %s:%d" % ((min(far),) + far[min(far)])
        abroad = any(p[0] == "m" and not self.declared_near(p[1], site[0]) for p in reached)
        class_ = "a2" if BRIDGED & set(goes) or abroad else "a1"
        nodes = sorted(n for k, n in origins if k == "allocated" and n.endswith("_node"))
        if nodes:
            return class_, why, f"no-replacement: {nodes[0]}() of a list"
        length = uses.pop("length-written", None)
        walked = uses.pop("walked", None)
        if walked and site[3].startswith("dma_get_sgtable"):
            return "a1", why, "walked: in %s:%d" % walked
        if uses.pop("apart", None) or site[0] in self.apart:
            self.kept.add(site[:4])
        elif length:
            uses.setdefault("address-written", length)
        if uses:
            what = sorted(uses)[0]
            return class_, why, "%s: in %s:%d" % ((what,) + uses[what])
        return class_, why, ""

    def imported(self, place):
        """Are there imported tables only?  Where else they go is nothing of the driver's."""
        kinds = self.graph.sources.get(place, set())
        return ("handed", "dma_buf") in kinds and \
            not any(kind in ("own", "short", "set", "allocated") for kind, _ in kinds)

    def exported_pages(self, site):
        """Are they the pages of a GEM object, which are listed in place of a table?"""
        file, _, func, name, _ = site
        if name != "drm_prime_pages_to_sg":
            return False
        others = {n for f, _, g, n, _ in self.facts.calls if (f, g) == (file, func)}
        return not others & set(FILLS) and any(
            member == "get_sg_table" for _, _, member in self.facts.ops.get(func, ()))

    def called_from_afar(self, member, file):
        """Is an operation called, and by others than the driver?"""
        calls = [c[0] for c in self.facts.icalls.get(member, ())
                 if c[0].split("/")[:2] == file.split("/")[:2]]
        return bool(calls) and not all(near(c, file) for c in calls)

    def local(self, struct, file):
        """Is a struct the driver's, wherever it is declared?"""
        return self.declared_near(struct, file) or self.has_few(struct)

    def declared_near(self, struct, file):
        """Is a struct declared in a folder of the driver's files or above?"""
        key = struct, os.path.dirname(file)
        if key not in self.near:
            self.near[key] = self.look_near(struct, file)
        return self.near[key]

    def look_near(self, struct, file):
        if struct[0] == "?" or ":" in struct:
            return True
        folder = os.path.dirname(file)
        while struct not in self.structs_in(folder or "."):
            folder = os.path.dirname(folder)
            if folder.count("/") < 2:
                break
        else:
            return True
        include = os.path.join(os.environ.get("srctree", "."), "include")
        return not any(struct in self.structs_in(os.path.join(include, place))
                       for place in ("linux", "drm", "rdma", "net", "scsi", "media", "crypto",
                                     "linux/usb", "linux/spi", "linux/dma", "target"))

    def has_few(self, struct):
        """Is a struct that is declared in include/ used by few drivers only, all of which
        are in sight?"""
        if struct not in self.few:
            seen = self.facts.users[struct]
            self.few[struct] = 0 < len(seen) <= FEW and \
                len(self.users(struct) - seen) == 0
        return self.few[struct]

    def users(self, struct):
        top = os.environ.get("srctree", ".")
        run = subprocess.run(
            ["grep", "-rlE", "--include=*.[ch]", r"\bstruct %s\b" % struct,
             *[p for p in ANYWHERE if os.path.isdir(os.path.join(top, p))]],
            cwd=top, text=True, stdout=subprocess.PIPE, check=False)
        return {f for f in run.stdout.split() if not f.startswith("include/")}

    def structs_in(self, folder):
        if folder not in self.structs:
            found = set()
            for name in os.listdir(folder) if os.path.isdir(folder) else ():
                if name.endswith((".h", ".c")):
                    found |= set(re.findall(r"^(?:typedef )?struct (\w+)[^;()]*\{",
                                            read(os.path.join(folder, name)), re.M))
            self.structs[folder] = found
        return self.structs[folder]

    def unseen(self, reached, places):
        """Callers and callees that nothing is known of, or that have other lists too."""
        for p in sorted(reached):
            if p[0] == "r" and not self.graph.out.get(p):
                return f"out-of-sight: returned by {p[2]}()"
        for p in sorted(places):
            if p[0] == "v" and p[3] in self.facts.params.get(p[1:3], ()) and \
               not self.graph.called_by.get(p[2]) and not self.facts.ops.get(p[2]):
                return f"out-of-sight: of the callers of {p[2]}()"
        for p in sorted(reached):
            if p[0] != "v" or p[3] not in self.facts.params.get(p[1:3], ()):
                continue
            others = sorted({w for kind, w in self.origins(p)[0] if kind == "handed"})
            if others:
                return f"shared: {p[2]}() is given one of {others[0]} too"
        return ""

    def origins(self, place):
        if place not in self.graph_cache:
            self.graph_cache[place] = self.graph.origins(place)
        return self.graph_cache[place]

    def all(self):
        """Each site with what explain() says; what goes with a request's list is of it."""
        said = [(site, self.explain(site)) for site in self.sites()]
        requests = {}
        for site, (class_, why, _) in said:
            if class_ == "c" and "." not in why:
                requests.setdefault(site[0], why)
        for site, (class_, why, stops) in said:
            whose = requests.get(site[0])
            if whose and (class_ == "b" or class_ in ("a1", "a2") and REQUEST.search(whose)):
                yield site, ("c", whose, f"beside: goes with the list of a {whose}")
            elif whose and class_ == "?" and self.carved(site):
                yield site, ("c", whose, f"beside: in other memory, as the list of a {whose}")
            elif class_ == "a1" and self.exported(site):
                yield site, ("a2", why, stops or self.stopped(site))
            elif not stops and class_ in ("a1", "a2", "b") and not self.exported_pages(site) \
                    and self.stopped(site):
                yield site, (class_, why, self.stopped(site))
            elif not stops and not self.becomes(site, class_):
                yield site, (class_, why, f"passed-on: to {site[3]}(), which has no "
                                          "replacement")
            else:
                yield site, (class_, why, stops)

    def places(self, site):
        """All places that the list comes to be in."""
        if site[:4] not in self.places_of:
            place = self.place(*site)
            places = self.origins(place)[1] if place else set()
            self.places_of[site[:4]] = self.graph.reaches(places) | set(places)
        return self.places_of[site[:4]]

    def stopped(self, site):
        """What stops a list of which nothing else is wrong: in its file, or in one that is
        converted together with it."""
        for file in self.together(site):
            if file in self.hard:
                return self.hard[file]
        return ""

    def beside_it(self, site):
        """The other files that have to be converted with it, in words."""
        others = [os.path.basename(f) for f in self.together(site)[1:]]
        if not others or self.exported_pages(site):
            return ""
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        return ", if it can be in " + ", ".join(others[:3]) + more

    def exported(self, site):
        """Is it the list of memory that an exporter's operations give to others?"""
        return any(self.facts.has.get(p[1:], set()) & self.exporting
                   for p in self.places(site) if p[0] == "m")

    def carved(self, site):
        """Is it found by where it is in other memory?"""
        place = self.place(*site)
        return place is not None and any(k == "carved" for k, _ in self.origins(place)[0])

    def becomes(self, site, class_):
        name = site[3]
        if class_ == "b" and name in SHORT:
            return SHORT[name]
        if (site[0], site[1], site[2], name) in self.kept:
            return APART.get(name, "")
        if self.exported_pages(site):
            return "phyr_append_pages()"
        return BECOMES.get(name, "")


def hidden(known, file):
    """Calls in a file that spatch didn't see, with where they are."""
    try:
        text = read(file)
    except OSError:
        return
    blank = lambda m: re.sub(r"[^\n]", " ", m[0])
    text = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)
    seen = collections.Counter(known)
    macro = False
    for number, line in enumerate(text.split("\n"), 1):
        macro = line.lstrip().startswith("#define") or macro
        for found in re.finditer(r"\b(%s)\s*\(" % "|".join(SITES), line):
            if seen[number, found[1]]:
                seen[number, found[1]] -= 1
            elif macro:
                yield file, number, found[1], "in-macro"
            elif line[:1].isspace():
                yield file, number, found[1], "unparsed"
        macro = macro and line.endswith("\\")


def read(file):
    with open(file, encoding="utf-8", errors="replace") as text:
        return text.read()


@functools.lru_cache(maxsize=None)
def nameless(file):
    """The members of a file's structs, and those of headers beside it, that are structs
    without a name."""
    folder = os.path.dirname(file) or "."
    headers = [os.path.join(folder, n) for n in os.listdir(folder) if n.endswith(".h")]
    return {name for path in [file, *headers]
            for name in re.findall(r"^\s+\} *(\w+)(?:\[[^\]]*\])?;", read(path), re.M)}


def by_file(facts):
    """Line and name of each call that is a use, by files."""
    found = collections.defaultdict(list)
    for file, line, func, name, args in facts.calls:
        if name in LIST_AT:
            found[file].append((line, name))
    for name in LIST_AT:
        for file, line, func, args in facts.icalls.get(name, ()):
            found[file].append((line, name))
    return found


def report(lines):
    facts = Facts(lines)
    explain = Explain(facts)
    said = []
    for site, (class_, why, stops) in explain.all():
        file, line, func, name, args = site
        becomes = explain.becomes(site, class_)
        about = f"{name}() in {func}(): {class_}, {CLASSES[class_]}"
        about += f" ({why})" if why else ""
        if stops:
            about += f"; stays, {stops}"
        elif becomes:
            about += f"; becomes {becomes}" + explain.beside_it(site)
        said.append((file, line, about))
    classes = collections.defaultdict(set)
    for file, line, about in said:
        classes[file].add(re.search(r": (\S+), ", about)[1])
    known = by_file(facts)
    for file in sorted(facts.files):
        for file, line, name, reason in hidden(known[file], file):
            # What nobody sees is what all others in the file are.
            class_ = "f" if CORE.match(file) else "?"
            if class_ == "?" and len(classes[file]) == 1:
                class_ = next(iter(classes[file]))
            said.append((file, line, f"{name}(): {class_}, {CLASSES[class_]}; stays, {reason}"))
    for file, line, about in sorted(set(said)):
        print(f"{file}:{line}: {about}", flush=True)
