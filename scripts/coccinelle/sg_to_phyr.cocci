// SPDX-License-Identifier: GPL-2.0-only
/// Convert own sg_tables and scatterlist arrays to a physical-range
/// list and its mapping (struct phyr_table), see
/// Documentation/core-api/phyr-conversion.rst. One entry for dmaengine
/// becomes an address and a length (struct dma_vec).
///
// Confidence: Moderate
// Copyright: (C) 2026 The phyr authors.
// URL: https://coccinelle.gitlabpages.inria.fr/website
// Comments: All files that share a struct have to be given at a time, headers
// included: what is in none of the files is not changed. A file with a use that
// is not known is left as it is, and why is said. Drivers that are converted
// have to select PHYR_DMA.
// Requires: 1.1.1
// Options: --local-includes --include-headers-for-types

virtual patch
virtual context
virtual org
virtual report

// ---------------------------------------------------------------- refusals

@initialize:python@
@@
import re
import sys

# What the rules below know how to replace.
KNOWN = set('''
dma_sync_sg_for_cpu dma_sync_sg_for_device mxs_dmaengine_prep_pio
sg_pcopy_to_buffer sg_pcopy_from_buffer sg_zero_buffer sg_phys
sg_alloc_table sg_alloc_table_from_pages sg_alloc_table_from_pages_segment
sg_free_table dma_map_sgtable dma_unmap_sgtable dma_map_sg dma_unmap_sg
dma_map_sg_attrs dma_unmap_sg_attrs dma_sync_sgtable_for_cpu
dma_sync_sgtable_for_device sg_dma_address sg_dma_len sg_set_page sg_set_buf
sg_init_table sg_init_one sg_next kfree kvfree vfree sizeof
kmalloc_obj kzalloc_obj kmalloc_objs kzalloc_objs IS_ERR PTR_ERR IS_ERR_OR_NULL
likely unlikely memset sg_copy_to_buffer sg_copy_from_buffer
dmaengine_prep_slave_sg dma_get_sgtable sg_page sg_virt vmalloc
vzalloc kmalloc kzalloc sgl_alloc sgl_free
rdma_for_each_block sg_nents ib_dma_map_sg ib_dma_unmap_sg ib_map_mr_sg
'''.split())

# How an array of entries is allocated, and where the counts may stand.
LISTS = set('''
kmalloc_objs kzalloc_objs kvmalloc_objs kvzalloc_objs vmalloc vzalloc sgl_alloc
sg_next
'''.split())
COUNTING = set('''
dma_map_sg dma_map_sg_attrs dma_unmap_sg dma_unmap_sg_attrs for_each_sg for
sg_copy_to_buffer sg_copy_from_buffer sg_pcopy_to_buffer sg_pcopy_from_buffer
sg_zero_buffer rdma_for_each_block ib_dma_map_sg ib_dma_unmap_sg
'''.split())
# What an entry in a walk may be given to.
ENTRY = set('''
sg_dma_address sg_dma_len sg_page sg_virt sg_phys sg_set_page sg_set_buf sg_next
likely unlikely
'''.split())
# What entries that stay apart may be given to, besides.
APART = set('''
sg_init_table sg_set_page sg_set_buf sg_alloc_table sg_free_table dma_map_sg dma_unmap_sg
sg_dma_address sg_dma_len sg_page sg_virt sg_next sg_is_last for_each_sg
'''.split())
LIST_CALL = re.compile(r'\b((?:\w+_)?(?:sg|sgl|sglist|sgt|sgtable|sgl?list|scatterlist)'
                       r'(?:_\w+)?)\s*\(')
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
# What changes something where it is an argument, and what says the same when asked twice.
EFFECT = re.compile(r'\+\+|--|(?<![=!<>])=(?!=)')
SAME = set('page_address sg_virt phys_to_virt __va offset_in_page sizeof min max'.split())
GUARD = re.compile(r'\bguard\s*\(\s*(?!mutex|rwsem)(\w+)')
RELEASE = re.compile(r'\b(put_page|put_user_page|unpin_user_pages?|folio_put)\s*\(')

mine = set()
own = set()
declared = set()
walkers = set()
maps = []
counts = set()
results = set()
sets = set()
offsets = set()
attributes = {}
kept_ops = set()
used = set()
sleepers = set()
blocked = []
# Why entries have to stay apart; where functions and structs are; what these are called.
apart = []
files = {}
structs = set()
prototypes = set()

# The file from the given line to another, comments blanked, and where in it a place is.
def text(file, first=1, last=None):
    with open(file, encoding='utf-8', errors='replace') as f:
        all = COMMENT.sub(lambda m: re.sub(r'[^\n]', ' ', m.group(0)), f.read())
    return '\n'.join(all.split('\n')[int(first) - 1:last and int(last)])

def function(p):
    return text(p.file, p.current_element_line, p.current_element_line_end)

def in_union(file, name):
    return re.search(r'\bunion\b[^{;]*\{(?:[^{}]|\{[^{}]*\})*struct (?:scatterlist|sg_table)'
                     r'[\s*]+%s\b' % re.escape(name), text(file)) is not None

# The call, or the loop, that a place is an argument of.
def enclosing(p):
    before = text(p.file, p.current_element_line, p.line)
    last = before.rfind('\n') + 1
    depth = 0
    for at in range(last + int(p.column) - 1, -1, -1):
        c = before[at]
        if c in ')]':
            depth += 1
        elif c in '([' and depth:
            depth -= 1
        elif c == '(':
            word = re.search(r'(\w+)\s*$', before[:at])
            if word:
                return word.group(1)
        elif c == '{' or c == '}':
            break
    return ''

# The arguments and the body of a loop.
def loop(p):
    rest = text(p.file, p.line, p.current_element_line_end)[int(p.column):]
    start = rest.index('(')
    end = closing(rest, start)
    body = rest[end:].lstrip()
    return rest[start + 1:end - 1], body[:closing(body, 0)]

# Where what opens at a place is closed, or a statement ends.
def closing(text, at):
    depth = 0
    for i in range(at, len(text)):
        if text[i] in '([{':
            depth += 1
        elif text[i] in ')]}':
            depth -= 1
            if not depth and (text[i] == '}' or text[at] == '('):
                return i + 1
        elif text[i] == ';' and not depth:
            return i + 1
    return len(text)

# Is it what a loop goes on with, that looked at the first entry without a test?
def at_end_of_do(p):
    lines = text(p.file, p.current_element_line, p.line).split('\n')
    before = '\n'.join(lines[:-1] + [lines[-1][:int(p.column)]])
    return re.search(r'\}\s*while\s*\(\([^;{}()]*$', before) is not None

# Names of members are the same everywhere, others in a function only.
def scope(p, n):
    return '' if '->' in str(n) or '.' in str(n) else p.current_element

# Neighbours are one for the list, so that a walk by the CPU is another.
def walk(p):
    args, body = loop(p[0])
    index = args.split(',')[-1].strip()
    if 'sg_dma_' in body:
        if re.search(r'\b(sg_page|sg_virt|sg_phys)\s*\(|->\s*(length|offset)\b', body):
            block(p, 'a walk of DMA addresses and of pages')
    elif 'sg_set_' in body:
        return
    elif RELEASE.search(body):
        if sets != {('PAGE_SIZE', '0')}:
            block(p, 'entries that may be several pages are released one by one')
    elif sets and '__free_page(' not in body and \
            re.search(r'\bsg_page\s*\(|\b%s\b' % re.escape(index), body):
        block(p, 'a walk depends on where entries end')

# A place, as if a rule had matched there.
def at(p, file, offset):
    p[0].file, p[0].line = file, str(text(file).count('\n', 0, offset) + 1)
    return p

# Does a loop's body change the variable that the loop counts or goes on with?
def moves(body, name):
    name = re.escape(str(name))
    return re.search(r'(?<![\w.>])%s\s*(=(?!=)|\+\+|--|[-+]=)|(\+\+|--)\s*%s\b(?!\s*(->|\.))|'
                     r'&\s*%s\b(?!\s*(->|\.|\[))' % (name, name, name), body) is not None

# Is it another value, or another time, when it is asked twice or not at all?
def changes(text):
    return EFFECT.search(text) or any(f not in SAME for f in re.findall(r'(\w+)\s*\(', text))

# Of functions with guard(), those that do what may sleep.
def guarded(p, calls):
    called = re.compile(r'\b(%s)\s*\(' % '|'.join(sorted(calls)))
    line = 1
    for part in re.split(r'(?<=\n})', text(p[0].file)):
        found = GUARD.search(part)
        call = found and called.search(part, found.end())
        if call:
            p[0].line = str(line + part[:call.start()].count('\n'))
            block(p, '%s() is called with guard(%s)' % (call.group(1), found.group(1)))
        line += part.count('\n')

# Functions with a macro that spatch can't parse would be left as they are.
def unparsed(p):
    line = 1
    for part in re.split(r'(?<=\n})', text(p[0].file)):
        at = re.search(r'\bscoped_(cond_)?guard\s*\(', part)
        if at and re.search(r'\bsg_|_sg\b|sgtable|sg_table|scatterlist', part):
            p[0].line = str(line + part[:at.start()].count('\n'))
            block(p, 'spatch can not parse scoped_guard()')
        line += part.count('\n')

def made(p, f):
    if str(f) not in LISTS and str(f) not in mine:
        block(p, 'a list is allocated by %s()' % f)

def with_attrs(p, f, attrs):
    attributes.setdefault(('unmap' if 'unmap' in str(f) else 'map', str(attrs)), p)

def block(p, why):
    said = '%s:%s: not converted: %s' % (p[0].file, p[0].line, why)
    if said not in blocked:
        blocked.append(said)
        sys.stderr.write(said + '\n')

// For each file, or group of files, anew.
@script:python@
@@
for kept in (mine, own, declared, walkers, counts, results, sets, offsets, attributes,
             kept_ops, used, sleepers, files, structs, prototypes):
    kept.clear()
del maps[:]
del blocked[:]
del apart[:]

// ------------------------------------------ pages of GEM objects that are exported

// They are listed once, for all who import them, in place of a table for each.  This
// needs nothing of the file's other lists, so that it comes before what stops those.
@gem_op@
identifier v, f;
@@
 struct drm_gem_object_funcs v = { .get_sg_table = f, };

@gem_known@
identifier gem_op.f, m;
expression dev, pages, n, e, E;
position p;
@@
 f(...)
 {
 <+...
(
 return@p drm_prime_pages_to_sg(dev, pages, n);
|
 return@p ERR_PTR(e);
|
 return@p E->m;
|
 return@p E.m;
)
 ...+>
 }

@gem_other@
identifier gem_op.f;
expression E;
position p != gem_known.p;
@@
 f(...)
 {
 <+...
 return@p E;
 ...+>
 }

@gem_called@
identifier gem_op.f;
expression list es;
position p;
@@
 f@p(es)

@script:python@
f << gem_op.f;
p << gem_other.p;
@@
kept_ops.add(str(f))

@script:python@
f << gem_op.f;
p << gem_called.p;
@@
kept_ops.add(str(f))

@gem_pages@
identifier gem_op.f;
position p;
@@
 f(...)
 {
 <+...
 return@p drm_prime_pages_to_sg(...);
 ...+>
 }

// A name that nothing has stands for those that stay: a match that is taken back would
// take others with it.
@script:python gem_name@
f << gem_op.f;
p << gem_pages.p;
h;
g;
@@
coccinelle.h = cocci.make_ident('no_such_function' if str(f) in kept_ops else str(f))
coccinelle.g = cocci.make_ident('no_such_function' if str(f) in kept_ops else
                                re.sub('_sg_table$|$', '_phyr', str(f), count=1))

@gem_function depends on patch@
identifier gem_name.h, gem_name.g, obj;
@@
-struct sg_table *h(struct drm_gem_object *obj)
+int g(struct drm_gem_object *obj, struct phyr *phyr)
 { ... }

@gem_return depends on patch@
identifier gem_name.g, obj, m;
expression dev, pages, n, e, E;
symbol phyr;
@@
 g(struct drm_gem_object *obj, struct phyr *phyr)
 {
 <...
(
-return drm_prime_pages_to_sg(dev, pages, n);
+return phyr_append_pages(phyr, pages, n, 0, obj->size, GFP_KERNEL);
|
-return ERR_PTR(e);
+return e;
|
-return E->m;
+return phyr_append_sgtable(phyr, E->m, GFP_KERNEL);
|
-return E.m;
+return phyr_append_sgtable(phyr, E.m, GFP_KERNEL);
)
 ...>
 }

@gem_declared depends on patch@
identifier gem_name.h, gem_name.g, obj;
@@
(
-struct sg_table *h(struct drm_gem_object *obj);
+int g(struct drm_gem_object *obj, struct phyr *phyr);
|
-struct sg_table *h(struct drm_gem_object *);
+int g(struct drm_gem_object *, struct phyr *phyr);
)

@gem_named depends on patch@
identifier gem_name.h, gem_name.g, v;
@@
 struct drm_gem_object_funcs v = {
-	.get_sg_table = h,
+	.get_phyr = g,
 };

@fn@
identifier f;
position p;
@@
 f@p(...) { ... }

@script:python@
f << fn.f;
p << fn.p;
@@
mine.add(str(f))
files.setdefault(p[0].file, p)
unparsed(p)

// ----------------------------------------------- entries that have to stay apart

// They are an array, not a list of memory: the device is told of each, or each is freed
// as it was allocated.  Each is mapped by itself.
@apart_freed@
expression e, o;
@@
 __free_pages(sg_page(e), o)

@script:python depends on apart_freed@
@@
apart.append('freed')

@apart_freed_walk@
identifier sg, i;
expression L, n, x, o;
iterator name for_each_sg;
@@
 for_each_sg(L, sg, n, i) { ... x = sg_page(sg); <+... __free_pages(x, o) ...+> }

@script:python depends on apart_freed_walk@
@@
apart.append('freed')

@apart_counted@
identifier sg, i;
expression L, n, x;
iterator name for_each_sg;
@@
 for_each_sg(L, sg, n, i) { <+... x -= sg_dma_len(sg); ... if (x == 0) { ... } ...+> }

@script:python depends on apart_counted@
@@
apart.append('counted')

@apart_coherent@
expression dev, size, e, gfp;
position p;
@@
 dma_alloc_coherent(dev, size, &sg_dma_address@p(e), gfp)

@script:python depends on apart_coherent@
@@
apart.append('coherent')

@prototype@
identifier f;
type T;
parameter list ps;
@@
 T f(ps);

@script:python@
f << prototype.f;
@@
prototypes.add(str(f))

@passed@
struct sg_table *T;
struct sg_table V;
struct scatterlist *L;
identifier f;
position p;
@@
(
 f@p(..., T, ...)
|
 f@p(..., &V, ...)
|
 f@p(..., L, ...)
)

@script:python@
f << passed.f;
p << passed.p;
@@
if str(f) not in KNOWN and str(f) not in mine and not (
        apart and (str(f) in APART or str(f) in prototypes)):
    block(p, '%s() takes a scatterlist' % f)

// A list that somebody else hands over: in a structure of theirs, by a function.
@members@
identifier s, m;
@@
 struct s {
 ...
(
 struct scatterlist *m;
|
 struct scatterlist m;
|
 struct scatterlist m[...];
|
 struct scatterlist *m[...];
|
 struct sg_table m;
|
 struct sg_table *m;
)
 ...
 };

@script:python@
m << members.m;
@@
own.add(str(m))

@mapped@
identifier f = {dma_map_sg, dma_map_sg_attrs, dma_unmap_sg, dma_unmap_sg_attrs,
	ib_dma_map_sg, ib_dma_unmap_sg};
identifier m;
expression E, dev;
position p;
@@
(
 f@p(dev, E->m, ...)
|
 f@p(dev, E.m, ...)
|
 f@p(dev, E->m[...], ...)
|
 f@p(dev, E.m[...], ...)
)

// spatch sees no members of a union without a name.
@declared@
identifier s;
position p;
@@
 struct s@p { ... };

@script:python@
s << declared.s;
p << declared.p;
@@
declared.add(p[0].file)
files.setdefault(p[0].file, p)
structs.add(str(s))

@script:python@
m << mapped.m;
p << mapped.p;
@@
if str(m) not in own and str(m) != 'sgl':
    shares = any(in_union(file, str(m)) for file in declared | {p[0].file})
    if not (shares and apart):
        block(p, ('the list %s shares its place in a union' if shares else
                  'the list %s is not of this driver') % m)

// A table in a structure that others may use out of sight.
@table_member@
identifier f = {sg_alloc_table, sg_alloc_table_from_pages,
	sg_alloc_table_from_pages_segment, sg_free_table};
identifier m;
expression E;
position p;
@@
(
 f@p(E->m, ...)
|
 f@p(&E->m, ...)
|
 f@p(&E.m, ...)
)

@mapped_member@
identifier f = {dma_map_sgtable, dma_unmap_sgtable, dma_sync_sgtable_for_cpu,
	dma_sync_sgtable_for_device, dma_get_sgtable};
identifier m;
expression E, dev;
position p;
@@
(
 f@p(dev, E->m, ...)
|
 f@p(dev, &E->m, ...)
|
 f@p(dev, &E.m, ...)
)

@script:python@
m << table_member.m;
p << table_member.p;
@@
if str(m) not in own:
    block(p, 'the structure that %s is in is in none of the files' % m)

@script:python@
m << mapped_member.m;
p << mapped_member.p;
@@
if str(m) not in own:
    block(p, 'the structure that %s is in is in none of the files' % m)

// The same of one of which only the list is looked at.
@list_of_member@
expression E;
identifier m;
position p;
@@
(
 E->m.sgl@p
|
 E.m.sgl@p
|
 E->m->sgl@p
|
 E.m->sgl@p
)

@script:python@
m << list_of_member.m;
p << list_of_member.p;
@@
if str(m) not in own and not any(re.search(r'\b%s\s*(\[[^]]*\]\s*)*;' % m, text(f))
                                 for f in set(files) | declared | {p[0].file}):
    block(p, 'the structure that %s is in is in none of the files' % m)

@handed@
struct scatterlist *L;
struct sg_table *T;
identifier f;
position p;
@@
(
 L = f@p(...)
|
 T = f@p(...)
)

@script:python@
f << handed.f;
p << handed.p;
@@
if str(f) not in KNOWN and str(f) not in mine:
    block(p, '%s() hands over a list of its own' % f)

@called@
identifier f, x;
@@
 f(..., struct scatterlist *x, ...) { ... }

@called_table@
identifier f, x;
@@
 f(..., struct sg_table *x, ...) { ... }

@pointed@
identifier called.f;
identifier s, o, v;
position p;
@@
 struct s v = { .o = f@p, };

@pointed_table@
identifier called_table.f;
identifier s, o, v;
position p;
@@
 struct s v = { .o = f@p, };

@exported@
identifier called.f;
declarer name EXPORT_SYMBOL, EXPORT_SYMBOL_GPL, EXPORT_SYMBOL_NS, EXPORT_SYMBOL_NS_GPL;
expression ns;
position p;
@@
(
 EXPORT_SYMBOL@p(f);
|
 EXPORT_SYMBOL_GPL@p(f);
|
 EXPORT_SYMBOL_NS@p(f, ns);
|
 EXPORT_SYMBOL_NS_GPL@p(f, ns);
)

@exported_table@
identifier called_table.f;
declarer name EXPORT_SYMBOL, EXPORT_SYMBOL_GPL, EXPORT_SYMBOL_NS, EXPORT_SYMBOL_NS_GPL;
expression ns;
position p;
@@
(
 EXPORT_SYMBOL@p(f);
|
 EXPORT_SYMBOL_GPL@p(f);
|
 EXPORT_SYMBOL_NS@p(f, ns);
|
 EXPORT_SYMBOL_NS_GPL@p(f, ns);
)

@script:python@
f << called.f;
p << exported.p;
@@
if not (apart and str(f) in prototypes):
    block(p, '%s() is called by other modules' % f)

@script:python@
f << called_table.f;
p << exported_table.p;
@@
if not (apart and str(f) in prototypes):
    block(p, '%s() is called by other modules' % f)

@script:python@
f << called.f;
p << pointed.p;
s << pointed.s;
@@
if not (apart and str(s) in structs):
    block(p, '%s() is called by others' % f)

@script:python@
f << called_table.f;
p << pointed_table.p;
s << pointed_table.s;
@@
if not (apart and str(s) in structs):
    block(p, '%s() is called by others' % f)

// Neighbours become one, so that no descriptor ends where an entry did.
@boundary@
identifier sg, i;
expression L, n, x;
iterator name for_each_sg, for_each_sgtable_dma_sg;
position p;
@@
(
 for_each_sg(L, sg, n, i) { <+... x -= sg_dma_len(sg); ... if (x ==@p 0) { ... } ...+> }
|
 for_each_sgtable_dma_sg(L, sg, i) { <+... x -= sg_dma_len(sg); ... if (x ==@p 0) { ... } ...+> }
)

@script:python@
p << boundary.p;
@@
if not apart:
    block(p, 'a descriptor has to end where an entry does')

@foreign@
identifier f = {dma_buf_map_attachment, dma_buf_map_attachment_unlocked,
	drm_gem_shmem_get_pages_sgt, drm_prime_pages_to_sg,
	dma_alloc_noncontiguous, sg_alloc_table_chained, sg_chain, sg_is_last,
	sg_is_chain, sg_chain_ptr, sg_alloc_append_table_from_pages,
	sg_mark_end, sg_unmark_end, sg_split, sg_last, sg_assign_page,
	sg_nents_for_len, sg_miter_start, iommu_map_sg, iommu_map_sgtable};
position p;
@@
 f@p(...)

@script:python@
f << foreign.f;
p << foreign.p;
@@
if not (apart and str(f) in APART):
    block(p, '%s() has no replacement' % f)

// What is in a place twice, or not at all, is as many times done.
@buffer_twice@
expression e, buf, n;
position p;
@@
 sg_set_buf@p(e, buf, n)

@script:python@
buf << buffer_twice.buf;
p << buffer_twice.p;
@@
if changes(str(buf)):
    block(p, 'the buffer of sg_set_buf() is asked for twice')

@effects@
identifier f = {sg_init_table, sg_init_one, sg_alloc_table, dma_map_sg, dma_map_sg_attrs,
	dma_unmap_sg, dma_unmap_sg_attrs, dma_map_sgtable, dma_unmap_sgtable,
	ib_dma_map_sg, ib_dma_unmap_sg, sg_copy_to_buffer, sg_copy_from_buffer,
	sg_pcopy_to_buffer, sg_pcopy_from_buffer, sg_zero_buffer};
expression list es;
position p;
@@
 f@p(es)

@script:python@
f << effects.f;
es << effects.es;
p << effects.p;
@@
if EFFECT.search(str(es)):
    block(p, 'an argument of %s() changes something' % f)

// A walk counts and goes on by itself.
@moved@
identifier sg, i;
expression L, n;
iterator name for_each_sg, for_each_sgtable_sg, for_each_sgtable_dma_sg;
statement S;
position p;
@@
(
 for_each_sg@p(L, sg, n, i) S
|
 for_each_sgtable_sg@p(L, sg, i) S
|
 for_each_sgtable_dma_sg@p(L, sg, i) S
)

@script:python@
sg << moved.sg;
i << moved.i;
p << moved.p;
@@
for name in str(sg), str(i):
    if moves(loop(p[0])[1], name):
        block(p, 'the body of a walk moves %s' % name)

// What is left to see to where entries stay apart.  All else is a change of names.
@apart_written@
expression e, v;
position p != apart_coherent.p;
@@
(
 sg_dma_address@p(e) = v
|
 &sg_dma_address@p(e)
)

@script:python@
p << apart_written.p;
@@
if apart:
    block(p, 'a DMA address is written into the list')

@apart_moved@
identifier f = {sg_dma_address, sg_dma_len};
assignment operator op = {+=, -=, &=, |=, ^=, *=, /=, %=, <<=, >>=};
expression e, v;
position p;
@@
(
 f@p(e) op v
|
 f@p(e)++
|
 f@p(e)--
|
 ++f@p(e)
|
 --f@p(e)
)

@script:python@
f << apart_moved.f;
p << apart_moved.p;
@@
if apart:
    block(p, 'what %s() says is changed' % f)

@apart_length@
expression e, x, len;
position p;
@@
(
 sg_set_buf(e, x, len);
|
 sg_set_page(e, x, len, 0);
)
 ...
 sg_dma_len@p(e) = len;

@apart_other_length@
expression e, v;
position p != apart_length.p;
@@
(
 sg_dma_len@p(e) = v
|
 &sg_dma_len@p(e)
)

@script:python@
p << apart_other_length.p;
@@
if apart:
    block(p, 'a length for the device is written into the list')

@apart_changed@
struct scatterlist *L;
struct scatterlist V;
identifier m = {length, offset, page_link, dma_address, dma_length};
assignment operator op;
expression v;
position p;
@@
(
 L->m@p op v
|
 V.m@p op v
|
 L->m@p++
|
 V.m@p++
|
 L->m@p--
|
 V.m@p--
|
 ++L->m@p
|
 ++V.m@p
|
 --L->m@p
|
 --V.m@p
|
 &L->m@p
|
 &V.m@p
)

@script:python@
m << apart_changed.m;
p << apart_changed.p;
@@
if apart:
    block(p, 'the member %s of an entry is written' % m)

@apart_locked@
identifier lock =~ "^((raw_)?spin|read|write|local_irq|local_bh|preempt|rcu_read)_(lock|trylock|save|disable)(_(irq|irqsave|bh|nested|irqsave_nested|irq_nested|bh_nested|sched|notrace))?$";
identifier unlock =~ "^((raw_)?spin|read|write|local_irq|local_bh|preempt|rcu_read)_(unlock|restore|enable)";
identifier f = {sg_alloc_table, sg_free_table};
position p;
@@
 lock(...)
 ... when != unlock(...)
 f@p(...)

@script:python@
f << apart_locked.f;
p << apart_locked.p;
@@
if apart:
    block(p, '%s() is called with a lock held' % f)

@apart_made@
expression T, n, gfp;
position p;
@@
 sg_alloc_table@p(T, n, gfp)

@script:python@
gfp << apart_made.gfp;
p << apart_made.p;
@@
if apart and 'GFP_KERNEL' not in str(gfp):
    block(p, 'a table is made where nothing may sleep')

@apart_sleeps@
identifier f;
@@
 f(...) {
 <+...
 sg_alloc_table(...)
 ...+>
 }

@script:python@
f << apart_sleeps.f;
@@
if apart:
    sleepers.add(str(f))

@script:python@
@@
for p in files.values() if apart else ():
    guarded(p, sleepers | {'sg_alloc_table'})

@apart_sleeps_locked@
identifier apart_sleeps.f;
identifier lock =~ "^((raw_)?spin|read|write|local_irq|local_bh|preempt|rcu_read)_(lock|trylock|save|disable)(_(irq|irqsave|bh|nested|irqsave_nested|irq_nested|bh_nested|sched|notrace))?$";
identifier unlock =~ "^((raw_)?spin|read|write|local_irq|local_bh|preempt|rcu_read)_(unlock|restore|enable)";
position p;
@@
 lock(...)
 ... when != unlock(...)
 f@p(...)

@script:python@
f << apart_sleeps.f;
p << apart_sleeps_locked.p;
@@
if apart:
    block(p, '%s() allocates, with a lock held' % f)

@script:python@
@@
for file, p in sorted(files.items()) if apart else ():
    for call in LIST_CALL.finditer(text(file)):
        if call.group(1) not in APART and call.group(1) not in mine | prototypes:
            block(at(p, file, call.start()),
                  'entries have to stay apart, and %s() knows none' % call.group(1))
if apart and blocked:
    cocci.exit()

@stay_apart depends on apart_freed || apart_freed_walk || apart_counted || apart_coherent@
identifier f =~ "^sg_";
@@
 f(...)

@entries_calls depends on patch && stay_apart@
expression e, x, n, len, off, dev, dir, gfp;
@@
(
-sg_set_page(e, x, len, off)
+phyr_entry_set(e, x, len, off)
|
-sg_set_buf(e, x, len)
+phyr_entry_set(e, virt_to_page(x), len, offset_in_page(x))
|
-sg_init_table(e, n)
+phyr_entry_init(e, n)
|
-dma_map_sg(dev, e, n, dir)
+phyr_entry_map(dev, e, n, dir)
|
-dma_unmap_sg(dev, e, n, dir)
+phyr_entry_unmap(dev, e, n, dir)
|
-sg_alloc_table(e, n, gfp)
+phyr_entries_alloc(e, n, gfp)
|
-sg_free_table(e)
+phyr_entries_free(e)
)

// It was set as that of the memory.
@entries_length depends on patch && stay_apart@
expression e, len;
@@
-sg_dma_len(e) = len;

@entries_walk depends on patch && stay_apart@
expression L, n;
identifier sg, i;
iterator name for_each_sg, phyr_for_each_entry;
statement S;
@@
-for_each_sg(L, sg, n, i)
+phyr_for_each_entry(L, sg, n, i)
 S

@entries_place depends on patch && stay_apart@
expression e;
@@
(
-sg_next(e)
+phyr_entry_next(e)
|
-sg_virt(e)
+phyr_entry_virt(e)
)

@entries_value depends on patch && stay_apart@
expression e;
@@
(
-sg_page(&e)
+e.page
|
-sg_page(e)
+e->page
|
-sg_dma_address(&e)
+e.addr
|
-sg_dma_address(e)
+e->addr
|
-sg_dma_len(&e)
+e.length
|
-sg_dma_len(e)
+e->length
|
-sg_is_last(&e)
+e.last
|
-sg_is_last(e)
+e->last
)

@entries_table depends on patch && stay_apart@
@@
-struct sg_table
+struct phyr_entries

@entries_entry depends on patch && stay_apart@
@@
-struct scatterlist
+struct phyr_entry

@has_entry depends on stay_apart@
@@
 struct phyr_entry

@has_entries depends on stay_apart@
@@
 struct phyr_entries

// Not each file's own includes can be asked for here: all of a group's get it.
@entries_include depends on patch && (has_entry || has_entries)@
@@
+#include <linux/phyr_entry.h>
 #include <linux/...>

@entries_not_included depends on entries_include@
@@
-#include <linux/scatterlist.h>

@script:python depends on stay_apart@
@@
cocci.exit()

// What the CPU sees are as many as are walked by it, but no device gets these.
@by_cpu@
@@
 sg_nents(...)

@mapped_too depends on by_cpu@
identifier f = {dma_map_sg, dma_map_sg_attrs, dma_map_sgtable, dma_unmap_sg,
	dma_unmap_sg_attrs, dma_unmap_sgtable};
@@
 f(...)

@counted_too depends on mapped_too@
position p;
@@
 sg_nents@p(...)

@script:python@
p << counted_too.p;
@@
block(p, 'sg_nents() counts what is mapped')

@written@
identifier f = {sg_dma_address, sg_dma_len};
expression e, v;
position p;
@@
(
 f@p(e) = v
|
 &f@p(e)
)

@script:python@
p << written.p;
@@
block(p, 'a DMA address is written into the list')

@iterators@
identifier x;
identifier s = {sg_mapping_iter, sg_append_table};
position p;
@@
 struct s x@p;

@script:python@
p << iterators.p;
s << iterators.s;
@@
block(p, 'struct %s has no replacement' % s)

@copied@
struct sg_table V, W;
position p;
@@
 V =@p W

@script:python@
p << copied.p;
@@
block(p, 'a table is copied, but a mapping knows where its list is')

@tables@
@@
 struct sg_table

@other_sgl depends on tables@
identifier s;
position p;
@@
 struct s {
 ...
 struct scatterlist *sgl@p;
 ...
 };

@script:python@
p << other_sgl.p;
@@
block(p, 'a member sgl that is not that of a table')

// Entries that are more than what a walk looks at.
@fields@
struct scatterlist *sg;
identifier m = {dma_address, dma_length, page_link};
position p;
@@
 sg->m@p

@first_field@
expression T;
identifier m = {dma_address};
position fields.p;
@@
(
 T->sgl->m@p
|
 T->sgl[0].m@p
|
 T.sgl->m@p
|
 T.sgl[0].m@p
)

@script:python depends on !first_field@
m << fields.m;
p << fields.p;
@@
block(p, 'the member %s of an entry is used' % m)

@resumed_ok@
expression E, F;
identifier sg, i, a, b, c;
position p;
@@
 E->a =@p sg;
 E->b += i;
 E->c = F;

@kept@
identifier sg, i;
expression L, n, x;
iterator name for_each_sg, for_each_sgtable_sg, for_each_sgtable_dma_sg;
position p != resumed_ok.p;
@@
(
 for_each_sg(L, sg, n, i) { <+... x =@p sg ...+> }
|
 for_each_sgtable_sg(L, sg, i) { <+... x =@p sg ...+> }
|
 for_each_sgtable_dma_sg(L, sg, i) { <+... x =@p sg ...+> }
)

@script:python@
p << kept.p;
@@
block(p, 'a place in a list is kept')

@entry_passed@
identifier sg, i, g;
expression L, n;
iterator name for_each_sg, for_each_sgtable_sg, for_each_sgtable_dma_sg;
position p;
@@
(
 for_each_sg(L, sg, n, i) { <+... g@p(..., sg, ...) ...+> }
|
 for_each_sgtable_sg(L, sg, i) { <+... g@p(..., sg, ...) ...+> }
|
 for_each_sgtable_dma_sg(L, sg, i) { <+... g@p(..., sg, ...) ...+> }
)

@script:python@
g << entry_passed.g;
p << entry_passed.p;
@@
if str(g) not in ENTRY:
    block(p, 'an entry is passed to %s()' % g)

@returned@
identifier sg, i;
expression L, n;
iterator name for_each_sg, for_each_sgtable_sg, for_each_sgtable_dma_sg;
position p;
@@
(
 for_each_sg(L, sg, n, i) { <+... return@p sg; ...+> }
|
 for_each_sgtable_sg(L, sg, i) { <+... return@p sg; ...+> }
|
 for_each_sgtable_dma_sg(L, sg, i) { <+... return@p sg; ...+> }
)

@script:python@
p << returned.p;
@@
block(p, 'an entry is returned')

@counted@
struct sg_table *T;
struct sg_table V;
identifier m = {nents, orig_nents};
expression x;
position p;
@@
(
 T->m =@p x
|
 V.m =@p x
)

@script:python@
p << counted.p;
@@
block(p, 'the counts of a table are written')

// Neighbours become one, whose order is not that of the entries.
@freed@
identifier sg, i;
expression L, n, x, o;
iterator name for_each_sg, for_each_sgtable_sg;
position p;
@@
(
 for_each_sg(L, sg, n, i) { <+... __free_pages@p(x, o) ...+> }
|
 for_each_sgtable_sg(L, sg, i) { <+... __free_pages@p(x, o) ...+> }
)

@script:python@
p << freed.p;
@@
block(p, 'entries of several pages are freed one by one')

// Mapping may sleep.
@locked@
identifier lock =~ "^((raw_)?spin|read|write|local_irq|local_bh|preempt|rcu_read)_(lock|trylock|save|disable)(_(irq|irqsave|bh|nested|irqsave_nested|irq_nested|bh_nested|sched|notrace))?$";
identifier unlock =~ "^((raw_)?spin|read|write|local_irq|local_bh|preempt|rcu_read)_(unlock|restore|enable)";
identifier f = {dma_map_sg, dma_map_sg_attrs, dma_map_sgtable, ib_dma_map_sg, sgl_free};
position p;
@@
 lock(...)
 ... when != unlock(...)
 f@p(...)

@script:python@
f << locked.f;
p << locked.p;
@@
block(p, '%s() is called with a lock held' % f)

// Page iterators that do not start at the first page.
@iter_at@
expression T, at != 0;
identifier x;
iterator name for_each_sgtable_page, for_each_sgtable_dma_page;
statement S;
position p;
@@
(
 for_each_sgtable_page@p(T, &x, at) S
|
 for_each_sgtable_dma_page@p(T, &x, at) S
)

@script:python@
p << iter_at.p;
@@
block(p, 'the walk by pages starts at another')

@single@
@@
 sg_init_one(...)

@several@
identifier f = {sg_init_table, sg_set_buf, sg_set_page, sg_alloc_table,
	sg_alloc_table_from_pages, sg_alloc_table_from_pages_segment,
	sgl_alloc};
@@
 f(...)

@mixed depends on single && several@
position p;
@@
 sg_init_one@p(...)

@script:python@
p << mixed.p;
@@
block(p, 'lists of one entry beside lists of several')

// A memory region is made of a table that was mapped, of all of it.
@region_table@
expression mr, dev, dir, T, n, off, size;
position p;
@@
 n = ib_dma_map_sg(dev, T->sgl, T->nents, dir)
 ... when any
 ib_map_mr_sg@p(mr, T->sgl, n, off, size)

@region_other@
position p != region_table.p;
@@
 ib_map_mr_sg@p(...)

@script:python@
p << region_other.p;
@@
block(p, 'ib_map_mr_sg() of what is not a table that was mapped there')

@ib_mapped@
position p;
@@
 ib_dma_map_sg@p(...)

@ib_region@
@@
 ib_map_mr_sg(...)

@script:python depends on !ib_region@
p << ib_mapped.p;
@@
block(p, 'ib_dma_map_sg() for something else than a memory region')

// A table that was mapped can be given to it.
@engine_table@
identifier g = {dma_map_sg, dma_map_sg_attrs};
expression chan, dev, dir, flags, T, n;
position p;
@@
 n = g(dev, T->sgl, ...)
 ... when any
 dmaengine_prep_slave_sg@p(chan, T->sgl, n, dir, flags)

@engine_table_in@
identifier g = {dma_map_sg, dma_map_sg_attrs};
expression chan, dev, dir, flags, V, n;
position p;
@@
 n = g(dev, V.sgl, ...)
 ... when any
 dmaengine_prep_slave_sg@p(chan, V.sgl, n, dir, flags)

@engine depends on several@
position p != {engine_table.p, engine_table_in.p};
@@
 dmaengine_prep_slave_sg@p(...)

@script:python@
p << engine.p;
@@
block(p, 'dmaengine takes a scatterlist')

// What an object on the stack held before must not be destroyed.
@on_stack@
identifier x;
position p;
@@
(
 struct scatterlist x@p[...];
|
 struct scatterlist x@p[...] = { ... };
)

@in_member@
identifier s;
position on_stack.p;
identifier x;
@@
 struct s {
 ...
 struct scatterlist x@p[...];
 ...
 };

@script:python depends on !in_member@
p << on_stack.p;
@@
block(p, 'an array on the stack')

// An entry by itself is a list of one, which is made anew each time.
@one_made exists@
identifier x;
position p;
@@
 struct scatterlist x@p;
 ... when any
 sg_init_table(&x, 1);

@one_on_stack depends on several@
identifier x, f;
position p != one_made.p;
@@
 f(...) {
 <+...
 struct scatterlist x@p;
 ...+>
 }

@script:python@
p << one_on_stack.p;
@@
block(p, 'an entry on the stack')

@inited_one@
expression x, n;
position p;
@@
 sg_init_table@p(&x, n)

@script:python@
p << inited_one.p;
n << inited_one.n;
@@
if str(n) != '1':
    block(p, 'an entry that is not one of an array')

// Lists are allocated in few ways only.
@list_made@
struct scatterlist *L;
identifier f;
position p;
@@
 L = f@p(...)

@list_made_first@
identifier f, x;
position p;
@@
 struct scatterlist *x = f@p(...);

@script:python@
f << list_made.f;
p << list_made.p;
@@
made(p, f)

@script:python@
f << list_made_first.f;
p << list_made_first.p;
@@
made(p, f)

@table_made@
identifier f, x;
position p;
@@
 struct sg_table *x = f@p(...);

@script:python@
f << table_made.f;
p << table_made.p;
@@
if str(f) not in KNOWN and str(f) not in mine:
    block(p, '%s() hands over a list of its own' % f)

// Whole lists are mapped, not what comes after an entry.
@part depends on several@
identifier f = {dma_map_sg, dma_map_sg_attrs, dma_unmap_sg, dma_unmap_sg_attrs,
	ib_dma_map_sg, ib_dma_unmap_sg, dma_sync_sg_for_cpu, dma_sync_sg_for_device};
expression dev, L, i;
position p;
@@
(
 f@p(dev, &L[i], ...)
|
 f@p(dev, L + i, ...)
|
 f@p(dev, sg_next(L), ...)
)

@script:python@
f << part.f;
p << part.p;
@@
block(p, '%s() of a part of a list' % f)

@synced depends on several@
identifier f = {dma_sync_sg_for_cpu, dma_sync_sg_for_device};
position p;
@@
 f@p(...)

@script:python@
f << synced.f;
p << synced.p;
@@
block(p, '%s() of a list has no replacement' % f)

// Entries as they were set bound no walk of what a device gets, and count nothing.
@walker@
identifier f, x;
expression e;
@@
 f(..., struct scatterlist *x, ...) {
 <+... \(sg_dma_address(e)\|sg_dma_len(e)\) ...+>
 }

@script:python@
f << walker.f;
@@
walkers.add(str(f))

@entries@
struct sg_table *T;
struct sg_table V;
position p;
@@
(
 T->orig_nents@p
|
 V.orig_nents@p
)

@script:python@
p << entries.p;
@@
f = enclosing(p[0])
if f in walkers or f not in COUNTING and f not in mine:
    block(p, 'the entries of a table are counted')

@mapping@
identifier f = {dma_map_sg, dma_map_sg_attrs, dma_map_sgtable, ib_dma_map_sg};
position p;
@@
 f@p(...)

@script:python@
p << mapping.p;
@@
maps.append(p[0])
if re.search('GFP_ATOMIC|GFP_NOWAIT', function(p[0])):
    block(p, 'a list is mapped where nothing may sleep')
for word in re.findall(r'\b(?:scoped_)?guard\s*\(\s*(\w+)', function(p[0])):
    if not re.match('mutex|rwsem', word):
        block(p, 'a list is mapped in a function with guard(%s)' % word)

// A table that is kept for the next transfer, if that has as many entries.
@table_kept@
struct sg_table *T;
expression n, ret, gfp;
statement S;
position p;
@@
 if (n != T->nents@p) {
 sg_free_table(T);
 ret = sg_alloc_table(T, n, gfp);
 if (ret) S
 }

@segments@
struct sg_table *T;
struct sg_table V;
position p != table_kept.p;
@@
(
 T->nents@p
|
 V.nents@p
)

@script:python@
p << segments.p;
@@
before = [int(m.line) < int(p[0].line) for m in maps
          if m.current_element == p[0].current_element]
if enclosing(p[0]) not in COUNTING and not any(before) and (
        before or not re.search('sg_dma_address|for_each_sgtable_dma_sg', function(p[0]))):
    block(p, 'nents of a table that is not mapped in this function')

@map_count@
identifier f = {dma_map_sg, dma_map_sg_attrs, ib_dma_map_sg};
expression dev, L, n;
position p;
@@
 f@p(dev, L, n, ...)

@script:python@
p << map_count.p;
n << map_count.n;
@@
counts.add((scope(p[0], n), str(n)))

@map_result@
identifier f = {dma_map_sg, dma_map_sg_attrs, ib_dma_map_sg};
expression n;
position p;
@@
 n = f@p(...)

@script:python@
p << map_result.p;
n << map_result.n;
@@
results.add((scope(p[0], n), str(n)))

@walk_count@
identifier sg, i;
expression L, n;
iterator name for_each_sg;
statement S;
position p;
@@
 for_each_sg@p(L, sg, n, i) S

@script:python@
p << walk_count.p;
n << walk_count.n;
@@
key = (scope(p[0], n), str(n))
if 'sg_dma_' in loop(p[0])[1] and key in counts and key not in results:
    block(p, 'a walk of DMA addresses as far as there were entries')

@walk_table@
identifier sg, i;
expression T;
iterator name for_each_sgtable_sg;
statement S;
position p;
@@
 for_each_sgtable_sg@p(T, sg, i) S

@page_set@
expression sg, where, size, off;
@@
 sg_set_page(sg, where, size, off)

@script:python@
size << page_set.size;
off << page_set.off;
@@
sets.add((str(size), str(off)))

@buf_set@
@@
 sg_set_buf(...)

@script:python depends on buf_set@
@@
sets.add(('', ''))

@script:python@
p << walk_count.p;
@@
walk(p)

@script:python@
p << walk_table.p;
@@
walk(p)

// A segment ends where the device's longest does, and nowhere else.
@bounded@
expression T, pages, n, off, size, max, gfp;
position p;
@@
 sg_alloc_table_from_pages_segment@p(T, pages, n, off, size, max, gfp)

@script:python@
p << bounded.p;
max << bounded.max;
@@
if not re.match(r'dma_get_max_seg_size\s*\(', str(max)):
    block(p, 'segments shorter than the longest of a device')

@made_by@
identifier f = {sg_alloc_table, sg_alloc_table_from_pages,
	sg_alloc_table_from_pages_segment, sgl_alloc};
identifier g = {kmalloc_objs, kzalloc_objs, kvmalloc_objs, kvzalloc_objs};
struct scatterlist *L;
expression list es;
position p;
@@
(
 f@p(es)
|
 g@p(*L, es)
)

@script:python@
p << made_by.p;
es << made_by.es;
@@
if re.search('GFP_ATOMIC|GFP_NOWAIT', str(es)):
    block(p, 'a table is made where nothing may sleep')

// No replacement says how much was filled with zeroes.
@zero_ok@
position p;
@@
 sg_zero_buffer@p(...);

@zero_value@
position p != zero_ok.p;
@@
 sg_zero_buffer@p(...)

@script:python@
p << zero_value.p;
@@
block(p, 'the value of sg_zero_buffer() is used')

// A mapping is undone as it was made.
@map_attrs@
identifier f = {dma_map_sgtable, dma_unmap_sgtable};
expression dev, T, dir, attrs;
position p;
@@
 f@p(dev, T, dir, attrs)

@script:python@
f << map_attrs.f;
attrs << map_attrs.attrs;
p << map_attrs.p;
@@
with_attrs(p, f, attrs)

@map_sg_attrs@
identifier f = {dma_map_sg_attrs, dma_unmap_sg_attrs};
expression dev, L, n, dir, attrs;
position p;
@@
 f@p(dev, L, n, dir, attrs)

@script:python@
f << map_sg_attrs.f;
attrs << map_sg_attrs.attrs;
p << map_sg_attrs.p;
@@
with_attrs(p, f, attrs)

@map_plain@
identifier f = {dma_map_sg, dma_unmap_sg};
position p;
@@
 f@p(...)

@script:python@
f << map_plain.f;
p << map_plain.p;
@@
with_attrs(p, f, '0')

@script:python@
@@
for key, p in attributes.items():
    other = ('unmap' if key[0] == 'map' else 'map', key[1])
    if other not in attributes and any(k[0] == other[0] for k in attributes):
        block(p, 'mapped and unmapped with different attributes')

// Pages of the device are blocks from the first byte on.
@offset_pages@
identifier f = {sg_alloc_table_from_pages, sg_alloc_table_from_pages_segment};
expression T, pages, n, off;
@@
 f(T, pages, n, off, ...)

@script:python@
off << offset_pages.off;
@@
offsets.add(str(off))

@dma_pages@
expression T, at;
identifier x;
iterator name for_each_sgtable_dma_page;
statement S;
position p;
@@
 for_each_sgtable_dma_page@p(T, &x, at) S

@script:python@
p << dma_pages.p;
@@
if not offsets | {o for _, o in sets} <= {'0'}:
    block(p, 'a walk by pages of what may start in the middle of one')

// dma_map_single() returns an address, not a count.
@count_used exists@
expression ret, dev, L, dir, x, E;
identifier f;
position p;
@@
 ret = dma_map_sg(dev, L, 1, dir);
 ... when != ret = E
     when any
(
 return ret@p;
|
 f(..., ret@p, ...)
|
 x = ret@p
)

@script:python@
p << count_used.p;
@@
if enclosing(p[0]) != 'dmaengine_prep_slave_sg':
    block(p, 'the number of entries that were mapped is used')

// The same after its test, by a later one.
@count_later exists@
expression ret, dev, L, dir, E;
statement S1;
position p;
@@
 ret = dma_map_sg(dev, L, 1, dir);
 if (\(ret != 1\|!ret\|ret == 0\|ret < 1\|ret <= 0\)) S1
 ... when != ret = E
     when any
(
 ret = E
|
 ret@p
)

@script:python@
p << count_later.p;
@@
if enclosing(p[0]) != 'dmaengine_prep_slave_sg':
    block(p, 'the number of entries that were mapped is used')

@buffer_moved exists@
expression L, buf, n, E, dev, dir;
position p;
@@
 sg_init_one@p(L, buf, n);
 ... when any
(
 buf = E
|
 buf += E
|
 buf++
)
 ... when any
 dma_map_sg(dev, L, 1, dir)

@script:python@
p << buffer_moved.p;
@@
block(p, 'the buffer moves before it is mapped')

// What is called with a lock held may not map.
@maps_in@
identifier f;
identifier m = {dma_map_sg, dma_map_sg_attrs, dma_map_sgtable, ib_dma_map_sg};
@@
 f(...) {
 <+...
 m(...)
 ...+>
 }

@script:python@
f << maps_in.f;
@@
sleepers.add(str(f))

@script:python@
@@
for p in files.values() if sleepers else ():
    guarded(p, sleepers)

@maps_locked@
identifier maps_in.f;
identifier lock =~ "^((raw_)?spin|read|write|local_irq|local_bh|preempt|rcu_read)_(lock|trylock|save|disable)(_(irq|irqsave|bh|nested|irqsave_nested|irq_nested|bh_nested|sched|notrace))?$";
identifier unlock =~ "^((raw_)?spin|read|write|local_irq|local_bh|preempt|rcu_read)_(unlock|restore|enable)";
position p;
@@
 lock(...)
 ... when != unlock(...)
 f@p(...)

@script:python@
f << maps_in.f;
p << maps_locked.p;
@@
block(p, '%s() maps a list, with a lock held' % f)

@interrupt@
typedef irqreturn_t;
identifier f;
identifier m = {dma_map_sg, dma_map_sg_attrs, dma_map_sgtable, ib_dma_map_sg};
position p;
@@
 irqreturn_t f(...) {
 <+...
 m@p(...)
 ...+>
 }

@script:python@
p << interrupt.p;
@@
block(p, 'a list is mapped by an interrupt handler')

@script:python@
@@
if blocked:
    cocci.exit()

// ------------------------------------------------------- context, org, report

@found depends on context || org || report@
struct sg_table *T;
struct sg_table V;
position p;
identifier f = {sg_alloc_table, sg_alloc_table_from_pages,
	sg_alloc_table_from_pages_segment, dma_map_sgtable};
@@
(
*f@p(..., T, ...)
|
*f@p(..., &V, ...)
)

@script:python depends on org@
p << found.p;
@@
coccilib.org.print_todo(p[0], "own sg_table, could be a struct phyr_table")

@script:python depends on report@
p << found.p;
@@
coccilib.report.print_report(p[0], "own sg_table, could be a struct phyr_table")

// What only mapping and unmapping needed may be used no more.
@dropped@
identifier f = {sg_init_table, dma_map_sg, dma_map_sg_attrs, dma_unmap_sg,
	dma_unmap_sg_attrs};
identifier x;
@@
 f(..., x, ...)

@dropped_ret@
identifier f = {dma_get_sgtable, dma_map_sg};
identifier x;
@@
 x = f(...)

@dropped_first@
identifier f = {dma_unmap_sg, dma_unmap_sg_attrs, dma_unmap_sgtable};
identifier x;
@@
 f(x, ...)

// And what only led to the device.
@dropped_dev@
identifier f = {dma_unmap_sg, dma_unmap_sg_attrs, dma_unmap_sgtable};
identifier g, x, m1, m2;
@@
 g(...)
 {
 <+...
(
 f(x->m1, ...)
|
 f(x->m1->m2, ...)
)
 ...+>
 }

// What is converted needs no include again.
@had@
@@
 struct phyr_table

@had_vec@
@@
 struct dma_vec

// ------------------------------------------------ one entry is no list at all

// The address and the length are enough, and dmaengine takes them.
@one@
@@
 sg_init_one(...)

@many@
identifier f = {sg_init_table, sg_set_buf, sg_set_page, sg_alloc_table,
	sg_alloc_table_from_pages, sg_alloc_table_from_pages_segment,
	sgl_alloc, sg_next, sg_virt, sg_page};
@@
 f(...)

@many_walk@
iterator name for_each_sg;
expression list es;
statement S;
@@
 for_each_sg(es) S

// Words for the registers of the DMA controller, given as if they were a list.
@one_words depends on patch && one && !many && !many_walk@
expression chan, words, n, flags;
@@
-dmaengine_prep_slave_sg(chan, (struct scatterlist *)words, n, DMA_TRANS_NONE, flags)
+mxs_dmaengine_prep_pio(chan, words, n, DMA_TRANS_NONE, flags)

@one_map depends on patch && one && !many && !many_walk@
expression L, buf, bytes, dev, dir, ret;
statement S1;
@@
-sg_init_one(L, buf, bytes);
+L->len = bytes;
 ... when != L = ...
     when any
(
-ret = dma_map_sg(dev, L, 1, dir);
-if (\(ret != 1\|!ret\|ret == 0\|ret < 1\|ret <= 0\))
+L->addr = dma_map_single(dev, buf, L->len, dir);
+if (dma_mapping_error(dev, L->addr))
 S1
|
-dma_map_sg(dev, L, 1, dir);
+L->addr = dma_map_single(dev, buf, L->len, dir);
)

@one_const depends on patch && one && !many && !many_walk@
const void *buf;
expression dev, n, dir;
@@
 dma_map_single(dev,
-buf
+(void *)buf
 , n, dir)

@one_count depends on patch && one && !many && !many_walk@
identifier n;
expression chan, L, dir, flags;
@@
 dmaengine_prep_slave_sg(chan, L,
-n
+1
 , dir, flags)

@one_use depends on patch && one && !many && !many_walk@
expression L, dev, dir, chan, flags;
@@
(
-dma_unmap_sg(dev, L, 1, dir)
+dma_unmap_single(dev, L->addr, L->len, dir)
|
-dma_sync_sg_for_cpu(dev, L, 1, dir)
+dma_sync_single_for_cpu(dev, L->addr, L->len, dir)
|
-dma_sync_sg_for_device(dev, L, 1, dir)
+dma_sync_single_for_device(dev, L->addr, L->len, dir)
|
-dmaengine_prep_slave_sg(chan, L, 1, dir, flags)
+dmaengine_prep_slave_single(chan, L->addr, L->len, dir, flags)
|
-sg_dma_address(L)
+L->addr
|
-sg_dma_len(L)
+L->len
)

@one_member@
identifier s, m;
@@
 struct s {
 ...
 struct scatterlist m;
 ...
 };

@one_member_use depends on patch && one && !many && !many_walk@
identifier one_member.m;
expression E;
@@
(
-E->m.dma_address
+E->m.addr
|
-E->m.length
+E->m.len
)

@one_type depends on patch && one && !many && !many_walk@
@@
-struct scatterlist
+struct dma_vec

// ---- a list of coherent memory: it is one range for its device anyway

@coherent depends on patch@
expression dev, virt, where, size, ret, X;
statement S;
@@
-ret = dma_get_sgtable(dev, &X, virt, where, size);
-if (ret < 0)
-S
+X.addr = where;
+X.len = size;

@coherent_use depends on patch && coherent@
expression dev, dir, X;
@@
(
-sg_free_table(&X);
|
-dma_sync_sgtable_for_cpu(dev, &X, dir)
+dma_sync_single_for_cpu(dev, X.addr, X.len, dir)
|
-dma_sync_sgtable_for_device(dev, &X, dir)
+dma_sync_single_for_device(dev, X.addr, X.len, dir)
)

@coherent_type depends on patch && coherent@
@@
-struct sg_table
+struct dma_vec

// ------------------------------------------------- what depends on old types

// A list of that name that is in no table.
@own_sgl@
identifier s;
@@
 struct s {
 ...
 struct scatterlist *sgl;
 ...
 };

@any_table@
@@
 struct sg_table

@hide_sgl depends on patch && own_sgl && !any_table@
expression E;
@@
-E->sgl
+(*&E->sgl)

// One form for a table and for a pointer to one.
@normal depends on patch@
struct sg_table V;
@@
(
-V.sgl
+(&V)->sgl
|
-V.nents
+(&V)->nents
|
-V.orig_nents
+(&V)->orig_nents
)

// A memory region has room for pages, which may be more than there are ranges.
@region@
identifier f;
expression mr, T, n, off, size;
@@
 f(...)
 {
 <+...
 ib_map_mr_sg(mr, T->sgl, n, off, size)
 ...+>
 }

@region_room depends on patch@
identifier region.f;
expression region.T, region.n, region.size, pd, type;
@@
 f(...)
 {
 <...
 ib_alloc_mr(pd, type,
-n
+phyr_dma_nr_blocks(&T->dma, size)
 )
 ...>
 }

// It has to be emptied in any case.
@table_renewed depends on patch@
struct sg_table *T;
expression n, ret, gfp;
statement S;
@@
-if (n != T->nents) {
 sg_free_table(T);
 ret = sg_alloc_table(T, n, gfp);
 if (ret) S
-}

@buffers depends on patch@
expression x, buf, n;
@@
-sg_set_buf(x, buf, n)
+sg_set_page(x, virt_to_page(buf), n, offset_in_page(buf))

// And where the type is in a header that a header includes.
@in_struct@
identifier s, m;
@@
 struct s {
 ...
 struct sg_table m;
 ...
 };

@normal_member depends on patch@
identifier in_struct.m;
expression E;
@@
(
-E->m.sgl
+(&E->m)->sgl
|
-E->m.nents
+(&E->m)->nents
|
-E->m.orig_nents
+(&E->m)->orig_nents
)

// A page at a position, found by a walk that is taken up again.
@resumed depends on patch@
identifier f, off, cur, sg, i, Lp, at, last, entry, table;
type S;
iterator name for_each_sg;
@@
 struct page *f(S *Lp, unsigned long off)
 {
-	unsigned long cur = 0;
-	struct scatterlist *sg;
-	unsigned int i;
-	if (off < Lp->at || !Lp->last) {
-		Lp->at = 0;
-		Lp->last = (&Lp->table)->sgl;
-		Lp->entry = 0;
-	}
-	cur = Lp->at;
-	for_each_sg(Lp->last, sg, (&Lp->table)->orig_nents - Lp->entry, i) {
-		if (off < sg->length + cur) {
-			Lp->last = sg;
-			Lp->entry += i;
-			Lp->at = cur;
-			return sg_page(sg) + (off - cur) / PAGE_SIZE;
-		}
-		cur += sg->length;
-	}
-	return NULL;
+	return phyr_table_page(&Lp->table, off);
 }

@resumed_members depends on patch@
identifier resumed.last, resumed.entry, resumed.at;
identifier s;
type T1, T2;
@@
 struct s {
 ...
-struct scatterlist *last;
-T1 entry;
-T2 at;
 ...
 };

// A cursor that goes along with a loop of the driver counts what is left.
@along@
identifier f, sg;
expression T;
@@
 f(...)
 {
 <+...
 sg = T->sgl;
 ...+>
 }

@along_next@
identifier along.f, along.sg;
@@
 f(...)
 {
 <+...
 sg = sg_next(sg);
 ...+>
 }

@along_size depends on along_next@
identifier along.f;
expression T, gfp;
identifier n;
@@
 f(...)
 {
 <+...
 sg_alloc_table(T, n, gfp)
 ...+>
 }

@along_decl depends on patch && along_size@
identifier along.f, along.sg;
@@
 f(...)
 {
 <...
+unsigned int left;
 struct scatterlist *sg;
 ...>
 }

@along_use depends on patch && along_size@
identifier along.f, along.sg, along_size.n;
expression along.T;
expression page, len, off;
@@
 f(...)
 {
 <...
(
-sg = T->sgl;
+left = n;
|
-sg_set_page(sg, page, len, off);
+phyr_table_add(T, page, len, off);
|
-sg = sg_next(sg);
+left--;
|
-!sg
+!left
)
 ...>
 }

// ---- arrays

// An array in a structure: filled anew each time that it is mapped.
@array@
identifier s, m;
@@
 struct s {
 ...
 struct scatterlist m[...];
 ...
 };

@array_use depends on patch@
identifier array.m;
expression E, dev, i, n, dir, page, len, off;
@@
(
-sg_init_table(E->m, n)
+phyr_table_init(&E->m)
|
-sg_init_table(E.m, n)
+phyr_table_init(&E.m)
|
-sg_set_page(&E->m[i], page, len, off)
+phyr_table_set(&E->m, i, page, len, off)
|
-sg_set_page(&E.m[i], page, len, off)
+phyr_table_set(&E.m, i, page, len, off)
|
-dma_map_sg(dev, E->m, n, dir)
+phyr_table_map_once(dev, &E->m, dir, 0)
|
-dma_map_sg(dev, E.m, n, dir)
+phyr_table_map_once(dev, &E.m, dir, 0)
|
-dma_unmap_sg(dev, E->m, n, dir)
+phyr_table_unmap_once(&E->m)
|
-dma_unmap_sg(dev, E.m, n, dir)
+phyr_table_unmap_once(&E.m)
)

@array_walk depends on patch@
identifier array.m;
expression E, n;
identifier sg, i;
iterator name for_each_sg;
statement S;
@@
(
 for_each_sg(
-E->m
+(&E->m)->sgl
 , sg, n, i) S
|
 for_each_sg(
-E.m
+(&E.m)->sgl
 , sg, n, i) S
)

// What was filled in part is not mapped, and would be in the way the next time.
@array_fill@
identifier array.m;
expression E, i, page, len, off;
position p;
@@
 for@p (...;...;...) { <+... phyr_table_set(&E->m, i, page, len, off) ...+> }

@array_abandoned depends on patch@
identifier array.m;
expression array_fill.E, ret;
position array_fill.p;
@@
 for@p (...;...;...) {
 <...
-return ret;
+{
+	phyr_table_destroy(&E->m);
+	return ret;
+}
 ...>
 }

@array_decl depends on patch@
identifier array.s, array.m;
@@
 struct s {
 ...
-struct scatterlist m[...];
+struct phyr_table m;
 ...
 };

// ---- lists that are pointed to

// A part of a larger allocation has room for one list in place of the entries.
@carved@
expression e;
position p;
@@
 (struct scatterlist *@p)(e)

@carved_size depends on patch && carved@
expression n;
struct scatterlist *L;
type T;
@@
(
-n * sizeof(struct scatterlist)
+sizeof(struct phyr_table)
|
 (T *)(L +
-n
+1
 )
)

@carved_use depends on patch && carved@
expression dev, L, i, n, dir, page, len, off;
@@
(
-sg_init_table(L, n)
+phyr_table_init(L)
|
-sg_set_page(&L[i], page, len, off)
+phyr_table_set(L, i, page, len, off)
|
-sg_set_page(L + i, page, len, off)
+phyr_table_set(L, i, page, len, off)
|
-dma_map_sg(dev, L, n, dir)
+phyr_table_map_once(dev, L, dir, 0)
|
-dma_unmap_sg(dev, L, n, dir)
+phyr_table_unmap_once(L)
)

// An allocation of its own.
@alloc depends on patch@
expression L, n, gfp;
struct scatterlist *P;
@@
(
 P =
-\(kmalloc_objs\|kzalloc_objs\)(*P, n, gfp)
+phyr_table_new(n, gfp)
|
 P =
-\(kmalloc_objs\|kzalloc_objs\|kvmalloc_objs\|kvzalloc_objs\)(*P, n)
+phyr_table_new(n, GFP_KERNEL)
|
 L =
-\(vmalloc\|vzalloc\)(<+... sizeof(struct scatterlist) ...+>)
+kzalloc_obj(*L)
)

@alloc_init depends on patch@
expression L, n;
expression list es;
@@
 L = \(phyr_table_new(es)\|kzalloc_obj(es)\);
 ...
-sg_init_table(L, n);

@alloc_free depends on patch@
struct scatterlist *L;
@@
(
-kfree(L)
+phyr_table_free(L)
|
-kvfree(L)
+phyr_table_free(L)
|
-vfree(L)
+phyr_table_free(L)
)

@list_pages depends on patch@
expression L, size, gfp;
identifier n;
@@
(
-sgl_alloc(size, gfp, &n)
+phyr_table_alloc(size, gfp, &n)
|
-sgl_free(L)
+phyr_table_free_pages(L)
)

@list_copy_from depends on patch@
identifier sg;
expression L, n, buf, len;
@@
-sg = L;
 ... when != sg
(
-sg_copy_to_buffer(sg, n, buf, len)
+phyr_copy_to_buffer(&L->list, buf, len, 0)
|
-sg_copy_from_buffer(sg, n, buf, len)
+phyr_copy_from_buffer(&L->list, buf, len, 0)
)

@list_unused depends on patch@
identifier sg;
@@
-struct scatterlist *sg;
 ... when != sg
     when strict

// By itself, it is in nobody's array.
@one_alone@
expression x;
@@
 sg_init_table(&x, 1)

@one_alone_use depends on patch@
expression one_alone.x;
expression page, len, off;
@@
(
-sg_init_table(&x, 1)
+phyr_table_init(&x)
|
-sg_set_page(&x, page, len, off)
+phyr_table_set(&x, 0, page, len, off)
)

@list_use depends on patch@
expression dev, L, i, n, dir, attrs, page, len, off, chan, flags, mr, size;
@@
(
-sg_init_table(L, n)
+phyr_table_destroy(L)
|
-sg_set_page(&L[i], page, len, off)
+phyr_table_set(L, i, page, len, off)
|
-sg_set_page(L + i, page, len, off)
+phyr_table_set(L, i, page, len, off)
|
-dmaengine_prep_slave_sg(chan, L->sgl, n, dir, flags)
+phyr_table_prep_slave(chan, L, dir, flags)
|
-ib_dma_map_sg(dev, L->sgl, n, dir)
+ib_phyr_table_map_nr(dev, L, dir)
|
-ib_dma_unmap_sg(dev, L->sgl, n, dir)
+phyr_table_unmap(L)
|
-ib_map_mr_sg(mr, L->sgl, n, off, size)
+ib_phyr_table_map_mr(mr, L, n, off, size)
|
-dma_map_sg(dev, L->sgl, n, dir)
+phyr_table_map_nr(dev, L, dir, 0)
|
-dma_map_sg_attrs(dev, L->sgl, n, dir, attrs)
+phyr_table_map_nr(dev, L, dir, attrs)
|
-dma_unmap_sg(dev, L->sgl, n, dir)
+phyr_table_unmap(L)
|
-dma_unmap_sg_attrs(dev, L->sgl, n, dir, attrs)
+phyr_table_unmap(L)
|
-dma_map_sg(dev, L, n, dir)
+phyr_table_map_nr(dev, L, dir, 0)
|
-dma_unmap_sg(dev, L, n, dir)
+phyr_table_unmap(L)
)

// Blocks of RDMA hardware.
@blocks@
identifier f, biter;
expression L, n, size;
iterator name rdma_for_each_block;
statement S;
@@
 f(...)
 {
 <+...
 rdma_for_each_block(L, &biter, n, size) S
 ...+>
 }

@dropped_blocks@
identifier x, biter;
expression L, size;
iterator name rdma_for_each_block;
statement S;
@@
 rdma_for_each_block(L, &biter, x, size) S

@blocks_use depends on patch@
identifier blocks.f, blocks.biter;
expression L, n, size;
iterator name rdma_for_each_block, phyr_dma_for_each_block;
statement S;
@@
 f(...)
 {
 <...
(
-struct ib_block_iter biter;
+dma_addr_t block;
|
-rdma_for_each_block(L, &biter, n, size)
+phyr_dma_for_each_block(&L->dma, size, block)
 S
)
 ...>
 }

@blocks_address depends on patch@
identifier blocks.f, blocks.biter;
@@
 f(...)
 {
 <...
-rdma_block_iter_dma_address(&biter)
+block
 ...>
 }

// ---- walks

// One form for all of them.
@walks depends on patch@
expression T;
identifier sg, i;
iterator name for_each_sgtable_dma_sg, for_each_sgtable_sg, for_each_sg;
statement S;
@@
(
-for_each_sgtable_dma_sg(T, sg, i)
+for_each_sg(T->sgl, sg, T->nents, i)
 S
|
-for_each_sgtable_sg(T, sg, i)
+for_each_sg(T->sgl, sg, T->orig_nents, i)
 S
)

@by_hand depends on patch@
expression T, n;
identifier sg, i;
iterator name for_each_sg;
statement S;
@@
(
-for (sg = T->sgl, i = 0; i < n; sg = sg_next(sg), i++)
+for_each_sg(T->sgl, sg, n, i)
 S
|
-for (sg = T->sgl, i = 0; i < n; i++, sg = sg_next(sg))
+for_each_sg(T->sgl, sg, n, i)
 S
|
-for (i = 0, sg = T->sgl; i < n; i++, sg = sg_next(sg))
+for_each_sg(T->sgl, sg, n, i)
 S
)

@by_next@
identifier f, sg;
expression T;
@@
 f(...)
 {
 <+...
 for (sg = T->sgl; sg; sg = sg_next(sg)) { <+... \(sg_dma_address(sg)\|sg_dma_len(sg)\) ...+> }
 ...+>
 }

@by_next_decl depends on patch@
identifier by_next.f, by_next.sg;
@@
 f(...)
 {
 <...
-struct scatterlist *sg;
+struct dma_range sg;
 ...>
 }

@by_next_use depends on patch@
identifier by_next.f, by_next.sg;
expression T;
iterator name phyr_dma_for_each_segment;
statement S;
@@
 f(...)
 {
 <...
-for (sg = T->sgl; sg; sg = sg_next(sg))
+phyr_dma_for_each_segment(&T->dma, sg)
 S
 ...>
 }

@by_next_value depends on patch@
identifier by_next.f, by_next.sg;
@@
 f(...)
 {
 <...
(
-sg_dma_address(sg)
+sg.addr
|
-sg_dma_len(sg)
+sg.len
)
 ...>
 }

// Each entry, the first one without a test, by what the CPU sees.  What is walked is a
// parameter, or a member of one.
@do_walk@
identifier f;
parameter list ps;
expression E;
position p;
@@
 f(ps)
 {
 <+...
 E =@p sg_next(E)
 ...+>
 }

@script:python do_walked@
f << do_walk.f;
ps << do_walk.ps;
E << do_walk.E;
p << do_walk.p;
h;
state;
@@
found = at_end_of_do(p[0]) and \
    re.search(r'\b%s\b' % re.match(r'\w*', str(E)).group(0), str(ps))
coccinelle.h = cocci.make_ident(str(f) if found else 'no_such_function')
coccinelle.state = cocci.make_ident('walk')

@do_walk_decl depends on patch@
identifier do_walked.h, do_walked.state;
parameter list do_walk.ps;
expression do_walk.E;
@@
 h(ps)
 {
+struct phyr_state state;
+struct phyr_range range = phyr_table_first_range(E, &state);
 ...
 }

@do_walk_value depends on patch@
identifier do_walked.h, do_walked.state;
expression do_walk.E;
@@
 h(...)
 {
 <...
(
-sg_phys(E)
+range.phys
|
-sg_page(E)
+pfn_to_page(PHYS_PFN(range.phys))
|
-sg_virt(E)
+phys_to_virt(range.phys)
|
-E->length
+range.len
|
-E->offset
+offset_in_page(range.phys)
|
-(E = sg_next(E))
+phyrs_next(&state, &range)
)
 ...>
 }

@entries_by_cpu depends on patch && by_cpu@
expression E;
@@
-sg_nents(E)
+phyr_nr_ranges(&E->list)

// A struct that points to a list.
@list_member@
identifier s, m;
@@
 struct s {
 ...
 struct scatterlist *m;
 ...
 };

@list_kept depends on patch@
identifier list_member.m;
expression E, T;
@@
(
 E->m =
-(&T)->sgl
+&T
|
 E.m =
-(&T)->sgl
+&T
|
 E->m =
-T->sgl
+T
|
 E.m =
-T->sgl
+T
)

// A list that is passed to another function.
@passed_list depends on patch@
identifier called.f;
expression T;
@@
 f(...,
-T->sgl
+T
 , ...)

// ---- copies

@copies depends on patch@
expression T, n, buf, bytes, skip;
@@
(
-sg_copy_to_buffer(T->sgl, n, buf, bytes)
+phyr_copy_to_buffer(&T->list, buf, bytes, 0)
|
-sg_copy_from_buffer(T->sgl, n, buf, bytes)
+phyr_copy_from_buffer(&T->list, buf, bytes, 0)
|
-sg_pcopy_to_buffer(T->sgl, n, buf, bytes, skip)
+phyr_copy_to_buffer(&T->list, buf, bytes, skip)
|
-sg_pcopy_from_buffer(T->sgl, n, buf, bytes, skip)
+phyr_copy_from_buffer(&T->list, buf, bytes, skip)
|
-sg_zero_buffer(T->sgl, n, bytes, skip)
+phyr_zero(&T->list, skip, bytes)
)

// ---- walks by pages

@page_walk@
identifier f, it;
expression T;
iterator name for_each_sgtable_page;
statement S;
@@
 f(...)
 {
 <+...
 for_each_sgtable_page(T, &it, 0) S
 ...+>
 }

@page_walk_use depends on patch@
identifier page_walk.f, page_walk.it;
expression T;
iterator name for_each_sgtable_page, phyr_for_each_page;
statement S;
@@
 f(...)
 {
 <...
(
-struct sg_page_iter it;
+struct page *it;
|
-for_each_sgtable_page(T, &it, 0)
+phyr_for_each_page(&T->list, it)
 S
)
 ...>
 }

@page_walk_value depends on patch@
identifier page_walk.f, page_walk.it;
@@
 f(...)
 {
 <...
-sg_page_iter_page(&it)
+it
 ...>
 }

@dma_page_walk@
identifier f, it;
expression T;
iterator name for_each_sgtable_dma_page;
statement S;
@@
 f(...)
 {
 <+...
 for_each_sgtable_dma_page(T, &it, 0) S
 ...+>
 }

@dma_page_walk_use depends on patch@
identifier dma_page_walk.f, dma_page_walk.it;
expression T;
iterator name for_each_sgtable_dma_page, phyr_dma_for_each_block;
statement S;
@@
 f(...)
 {
 <...
(
-struct sg_dma_page_iter it;
+dma_addr_t it;
|
-for_each_sgtable_dma_page(T, &it, 0)
+phyr_dma_for_each_block(&T->dma, PAGE_SIZE, it)
 S
)
 ...>
 }

@dma_page_walk_value depends on patch@
identifier dma_page_walk.f, dma_page_walk.it;
@@
 f(...)
 {
 <...
-sg_page_iter_dma_address(&it)
+it
 ...>
 }

// Pages that are freed one by one: each entry is a page.
@page_free@
identifier f, sg, i;
expression T, n, x;
iterator name for_each_sg;
@@
 f(...)
 {
 <+...
(
 for_each_sg(T->sgl, sg, n, i) { <+... \(__free_page(x)\|put_page(x)\|unpin_user_page(x)\) ...+> }
|
 for_each_sg(T->sgl, sg, n, i) \(__free_page(x)\|put_page(x)\|unpin_user_page(x)\);
)
 ...+>
 }

@page_free_loop depends on patch@
identifier page_free.f, page_free.sg, i;
expression T, n, x;
iterator name for_each_sg, phyr_table_for_each_page;
@@
 f(...)
 {
 <...
(
-for_each_sg(T->sgl, sg, n, i)
+phyr_table_for_each_page(T, sg, i)
 { <+... \(__free_page(x)\|put_page(x)\|unpin_user_page(x)\) ...+> }
|
-for_each_sg(T->sgl, sg, n, i)
+phyr_table_for_each_page(T, sg, i)
 \(__free_page(x)\|put_page(x)\|unpin_user_page(x)\);
)
 ...>
 }

@page_free_decl depends on patch && page_free@
identifier page_free.f, page_free.sg;
@@
 f(...)
 {
 <...
(
-struct scatterlist *sg;
+struct page *sg;
|
-sg_page(sg)
+sg
)
 ...>
 }

// A loop that fills what was reserved.
@fill@
identifier f, sg, i;
expression T, n, page, bytes, off;
iterator name for_each_sg;
@@
 f(...)
 {
 <+...
(
 for_each_sg(T->sgl, sg, n, i) { <+... sg_set_page(sg, page, bytes, off); ...+> }
|
 for_each_sg(T->sgl, sg, n, i) sg_set_page(sg, page, bytes, off);
)
 ...+>
 }

@fill_size@
identifier fill.f;
expression T, gfp;
identifier n;
@@
 f(...)
 {
 <+...
 sg_alloc_table(T, n, gfp)
 ...+>
 }

@fill_size_member@
identifier fill.f;
expression T, gfp, E;
identifier m1;
@@
 f(...)
 {
 <+...
 sg_alloc_table(T, E->m1, gfp)
 ...+>
 }

@fill_set depends on patch && (fill_size || fill_size_member)@
identifier fill.f, fill.sg;
expression fill.T, page, bytes, off;
@@
 f(...)
 {
 <...
-sg_set_page(sg, page, bytes, off)
+phyr_table_add(T, page, bytes, off)
 ...>
 }

@fill_loop depends on patch && fill_size@
identifier fill.f, fill.sg, i;
identifier fill_size.n;
expression T, m, page, bytes, off;
iterator name for_each_sg;
@@
 f(...)
 {
 <...
(
-for_each_sg(T->sgl, sg, m, i)
+for (i = 0; i < n; i++)
 { <+... phyr_table_add(T, page, bytes, off); ...+> }
|
-for_each_sg(T->sgl, sg, m, i)
+for (i = 0; i < n; i++)
 phyr_table_add(T, page, bytes, off);
)
 ...>
 }

@fill_loop_member depends on patch && fill_size_member@
identifier fill.f, fill.sg, i;
identifier fill_size_member.m1;
expression fill_size_member.E;
expression T, m, page, bytes, off;
iterator name for_each_sg;
@@
 f(...)
 {
 <...
(
-for_each_sg(T->sgl, sg, m, i)
+for (i = 0; i < E->m1; i++)
 { <+... phyr_table_add(T, page, bytes, off); ...+> }
|
-for_each_sg(T->sgl, sg, m, i)
+for (i = 0; i < E->m1; i++)
 phyr_table_add(T, page, bytes, off);
)
 ...>
 }

// Over DMA addresses: of a table, and of a list that stands by itself.
@dma_walk@
identifier f, sg, i;
expression L, T, n, e;
iterator name for_each_sg;
statement S;
@@
 f(...)
 {
 <+...
(
 for_each_sg(L, sg, n, i) { <+... \(sg_dma_address(sg)\|sg_dma_len(sg)\) ...+> }
|
 for_each_sg(L, sg, n, i) e = <+... \(sg_dma_address(sg)\|sg_dma_len(sg)\) ...+>;
|
 for_each_sg(T->sgl, sg, T->nents, i) S
)
 ...+>
 }

@dma_walk_decl depends on patch@
identifier dma_walk.f, dma_walk.sg;
@@
 f(...)
 {
 <...
-struct scatterlist *sg;
+struct phyr_segment sg;
 ...>
 }

// One of several variables in a declaration.
@dma_walk_decls depends on patch@
identifier dma_walk.f, dma_walk.sg;
@@
 f(...)
 {
+struct phyr_segment sg;
 <+...
-struct scatterlist *sg;
 ...+>
 }

@dma_walk_loop depends on patch@
identifier dma_walk.f, dma_walk.sg, i;
expression T, L, n;
iterator name for_each_sg, phyr_table_for_each_segment, phyr_table_for_each_segment_nr;
statement S;
@@
 f(...)
 {
 <...
(
-for_each_sg(T->sgl, sg, \(T->nents\|T->orig_nents\), i)
+phyr_table_for_each_segment(T, sg, i)
 S
|
-for_each_sg(T->sgl, sg, n, i)
+phyr_table_for_each_segment_nr(T, sg, n, i)
 S
|
-for_each_sg(L, sg, n, i)
+phyr_table_for_each_segment_nr(L, sg, n, i)
 S
)
 ...>
 }

@dma_walk_region depends on patch && region@
expression T, n;
identifier sg, i;
iterator name phyr_table_for_each_segment_nr, ib_phyr_table_for_each_segment_nr;
statement S;
@@
-phyr_table_for_each_segment_nr(T, sg, n, i)
+ib_phyr_table_for_each_segment_nr(T, sg, n, i)
 S

@dma_walk_use depends on patch@
identifier dma_walk.f, dma_walk.sg;
@@
 f(...)
 {
 <...
(
-sg_dma_address(sg)
+sg.addr
|
-sg_dma_len(sg)
+sg.len
)
 ...>
 }

// Over what the CPU sees.
@cpu_walk@
identifier f, sg, i;
expression T;
iterator name for_each_sg;
statement S;
@@
 f(...)
 {
 <+...
 for_each_sg(T->sgl, sg, T->orig_nents, i) S
 ...+>
 }

@cpu_walk_decl depends on patch@
identifier cpu_walk.f, cpu_walk.sg;
@@
 f(...)
 {
 <...
-struct scatterlist *sg;
+struct phyr_range sg;
 ...>
 }

@cpu_walk_loop depends on patch@
identifier cpu_walk.f, cpu_walk.sg, i;
expression T;
iterator name for_each_sg, phyr_table_for_each_range;
statement S;
@@
 f(...)
 {
 <...
-for_each_sg(T->sgl, sg, T->orig_nents, i)
+phyr_table_for_each_range(T, sg, i)
 S
 ...>
 }

@cpu_walk_use depends on patch@
identifier cpu_walk.f, cpu_walk.sg;
@@
 f(...)
 {
 <...
(
-sg_page(sg)
+pfn_to_page(PHYS_PFN(sg.phys))
|
-sg_virt(sg)
+phys_to_virt(sg.phys)
|
-sg_phys(sg)
+sg.phys
|
-sg->length
+sg.len
|
-sg->offset
+offset_in_page(sg.phys)
)
 ...>
 }

@cursor_unused depends on patch@
identifier sg;
@@
-struct scatterlist *sg;
 ... when != sg
     when strict

// ---- one entry and the list by itself

@first depends on patch@
expression T;
@@
(
-sg_dma_address(T->sgl)
+phyr_table_first_addr(T)
|
-T->sgl[0].dma_address
+phyr_table_first_addr(T)
|
-T->sgl->dma_address
+phyr_table_first_addr(T)
)

// ---- counts

@counts depends on patch@
struct sg_table *T;
struct sg_table V;
@@
(
-T->nents
+phyr_table_nr_segments(T)
|
-(&V)->nents
+phyr_table_nr_segments(&V)
|
-T->orig_nents
+phyr_nr_ranges(&T->list)
|
-(&V)->orig_nents
+phyr_nr_ranges(&V.list)
)

@in_struct_still@
identifier s, m;
@@
 struct s {
 ...
 struct sg_table m;
 ...
 };

@counts_member depends on patch@
identifier in_struct_still.m;
expression E;
@@
(
-(&E->m)->nents
+phyr_table_nr_segments(&E->m)
|
-(&E->m)->orig_nents
+phyr_nr_ranges(&E->m.list)
)

// -------------------------------------------------------------------- types

@table_type depends on patch@
@@
-struct sg_table
+struct phyr_table

// The cursors have got theirs.
@list_type depends on patch@
@@
-struct scatterlist
+struct phyr_table

// ------------------------------------------------------------- calls of tables

@build depends on patch@
expression T, pages, n, off, size, max, gfp;
@@
(
-sg_alloc_table_from_pages(T, pages, n, off, size, gfp)
+phyr_table_from_pages(T, pages, n, off, size, gfp)
|
-sg_alloc_table_from_pages_segment(T, pages, n, off, size, max, gfp)
+phyr_table_from_pages(T, pages, n, off, size, gfp)
|
-sg_alloc_table(T, n, gfp)
+phyr_table_reserve(T, n, gfp)
|
-sg_free_table(T)
+phyr_table_destroy(T)
)

@map depends on patch@
expression T, dev, dir, attrs;
@@
(
-dma_map_sgtable(dev, T, dir, attrs)
+phyr_table_map(dev, T, dir, attrs)
|
-dma_unmap_sgtable(dev, T, dir, attrs)
+phyr_table_unmap(T)
|
-dma_sync_sgtable_for_cpu(dev, T, dir)
+phyr_dma_sync_for_cpu(&T->dma)
|
-dma_sync_sgtable_for_device(dev, T, dir)
+phyr_dma_sync_for_device(&T->dma)
)

// ---------------------------------------------------------------- tidying up

@show_sgl depends on patch@
expression E;
@@
-(*&E->sgl)
+E->sgl

@plain depends on patch@
expression E;
identifier x = {sgl, nents, orig_nents, list, dma, addr, len};
@@
-(&E)->x
+E.x

@bare depends on patch@
identifier f =~ "^phyr_(table|dma)_";
expression E;
@@
 f(...,
-(&E)
+&E
 , ...)

@bare_own depends on patch@
identifier called.f;
expression E;
@@
 f(...,
-(&E)
+&E
 , ...)

@bare_walk depends on patch@
iterator name phyr_table_for_each_segment, phyr_table_for_each_segment_nr;
iterator name phyr_table_for_each_page, phyr_table_for_each_range;
expression E, n;
identifier sg, i;
statement S;
@@
(
 phyr_table_for_each_page(
-(&E)
+&E
 , sg, i) S
|
 phyr_table_for_each_range(
-(&E)
+&E
 , sg, i) S
|
 phyr_table_for_each_segment(
-(&E)
+&E
 , sg, i) S
|
 phyr_table_for_each_segment_nr(
-(&E)
+&E
 , sg, n, i) S
)

@unused_dropped depends on patch@
identifier dropped.x;
type T;
expression E;
identifier g;
expression list es;
@@
(
-T x = g(es);
+g(es);
 ... when != x
     when strict
|
-T x = E;
 ... when != x
     when strict
|
-T x;
 ... when != x
     when strict
)

@unused_dropped_first depends on patch@
identifier dropped_first.x;
type T;
expression E;
identifier g;
expression list es;
@@
(
-T x = g(es);
+g(es);
 ... when != x
     when strict
|
-T x = E;
 ... when != x
     when strict
|
-T x;
 ... when != x
     when strict
)

@dev_set@
identifier dropped_dev.x;
expression E;
position p;
@@
 x@p = E

@dev_used@
identifier dropped_dev.x;
position p != dev_set.p;
@@
 x@p

@script:python@
x << dropped_dev.x;
p << dev_used.p;
@@
used.add((p[0].current_element, str(x)))

@script:python dev_unused@
g << dropped_dev.g;
x << dropped_dev.x;
h;
@@
coccinelle.h = cocci.make_ident('no_such_function' if (str(g), str(x)) in used else str(g))

@dev_dropped depends on patch@
identifier dev_unused.h, dropped_dev.x;
expression E;
type T;
@@
 h(...)
 {
 <...
(
-T x;
|
-T x = E;
|
-x = E;
)
 ...>
 }

@unused_dropped_ret depends on patch@
identifier dropped_ret.x;
type T;
expression E;
identifier g;
expression list es;
@@
(
-T x = g(es);
+g(es);
 ... when != x
     when strict
|
-T x = E;
 ... when != x
     when strict
|
-T x;
 ... when != x
     when strict
)

@unused_dropped_blocks depends on patch@
identifier dropped_blocks.x;
type T;
expression E;
identifier g;
expression list es;
@@
(
-T x = g(es);
+g(es);
 ... when != x
     when strict
|
-T x = E;
 ... when != x
     when strict
|
-T x;
 ... when != x
     when strict
)

@has_table@
@@
 struct phyr_table

@has_segment@
@@
 struct phyr_segment

@include depends on patch && !had && (has_table || has_segment)@
@@
-#include <linux/scatterlist.h>
+#include <linux/phyr_table.h>

@has_engine@
@@
 phyr_table_prep_slave(...)

@has_engine_header@
@@
 #include <linux/phyr_dmaengine.h>

@include_engine depends on patch && has_engine && !has_engine_header@
@@
 #include <linux/dmaengine.h>
+#include <linux/phyr_dmaengine.h>

@has_words@
@@
 #include <linux/dma/mxs-dma.h>

@include_words depends on patch && one_words && !has_words@
@@
 #include <linux/dmaengine.h>
+#include <linux/dma/mxs-dma.h>

@has_vec@
@@
 struct dma_vec

@has_dmaengine@
@@
 #include <linux/dmaengine.h>

@include_vec depends on patch && !had_vec && has_vec && !has_dmaengine@
@@
-#include <linux/scatterlist.h>
+#include <linux/dmaengine.h>

@include_vec_first depends on patch && !had_vec && has_vec && !has_dmaengine && !include_vec@
@@
+#include <linux/dmaengine.h>
 #include <linux/...>

@include_vec_rest depends on patch && !had_vec && has_vec && !has_table@
@@
-#include <linux/scatterlist.h>

@include_first depends on patch && !had && (has_table || has_segment) && !include@
@@
+#include <linux/phyr_table.h>
 #include <linux/...>

@has_region@
@@
 ib_phyr_table_map_nr(...)

@include_region depends on patch && has_region@
@@
-#include <linux/phyr_table.h>
+#include <rdma/ib_phyr_table.h>
