// SPDX-License-Identifier: GPL-2.0-only
/// Say of each use of a scatterlist whose list it is, what it becomes when it
/// is converted to a physical-range list (struct phyr_table), or what stands
/// in the way. See Documentation/core-api/phyr-conversion.rst.
///
// Confidence: Moderate
// Copyright: (C) 2026 The phyr authors.
// URL: https://coccinelle.gitlabpages.inria.fr/website
// Comments: A list is followed through all files that are given at a time: give
// all of a driver's. What leads out of them is said to be out of sight.
// Options: --local-includes --include-headers-for-types
// Requires: 1.1.1

virtual explain

@initialize:python depends on explain@
@@
import coccinelle
import os
import sys

# The analysis is in a file beside this one.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ.get('srctree', '.'),
                                'scripts/coccinelle/sg_to_phyr'))
import lists

# What is collected here is put together over all processes that spatch starts.
coccinelle.facts = []

def fact(kind, p, *rest):
    coccinelle.facts.append('\t'.join([kind, p[0].file, p[0].line,
                                       p[0].current_element] + [str(x) for x in rest]))

@sd depends on explain@
identifier s;
position p;
@@
struct s@p { ... };

@script:python@
s << sd.s;
p << sd.p;
@@
fact('struct', p, s)

@fn depends on explain@
identifier f;
parameter list ps;
position p;
@@
f@p(ps) { ... }

@script:python@
f << fn.f;
ps << fn.ps;
p << fn.p;
@@
fact('fn', p, f, ps)

@ca depends on explain@
identifier f;
expression list es;
position p;
@@
f@p(es)

@script:python@
f << ca.f;
es << ca.es;
p << ca.p;
@@
fact('call', p, f, es)

@as depends on explain@
expression L, R;
position p;
@@
L =@p R

@script:python@
L << as.L;
R << as.R;
p << as.p;
@@
fact('set', p, L, R)

@aw depends on explain@
expression T, R;
position p;
@@
(
T->dma_address +=@p R
|
T->dma_address -=@p R
|
sg_dma_address(T) +=@p R
|
sg_dma_address(T) -=@p R
)

@script:python@
T << aw.T;
p << aw.p;
@@
fact('set', p, 'sg_dma_address(%s)' % T, '0')

@de depends on explain@
type T;
identifier x;
position p;
@@
T x@p;

@script:python@
T << de.T;
x << de.x;
p << de.p;
@@
fact('decl', p, T, x)

@ini depends on explain@
type T;
identifier x;
expression R;
position p;
@@
T x@p = R;

@script:python@
T << ini.T;
x << ini.x;
R << ini.R;
p << ini.p;
@@
fact('decl', p, T, x)
fact('set', p, x, R)

@re depends on explain@
expression R;
position p;
@@
return@p R;

@script:python@
R << re.R;
p << re.p;
@@
fact('return', p, R)

@op depends on explain@
identifier s, x, m, f;
position p;
@@
struct s x = { ..., .m = f@p, ... };

@script:python@
s << op.s;
m << op.m;
f << op.f;
p << op.p;
@@
fact('op', p, s, m, f)

@me depends on explain@
identifier s, m;
struct s *E;
position p;
@@
E->m@p

@script:python@
s << me.s;
m << me.m;
E << me.E;
p << me.p;
@@
fact('member', p, s, m, E)

@md depends on explain@
identifier s, m;
struct s E;
position p;
@@
E.m@p

@script:python@
s << md.s;
m << md.m;
E << md.E;
p << md.p;
@@
fact('member', p, s, m, E)

@ic depends on explain@
expression E;
identifier f;
expression list es;
position p;
@@
E->f@p(es)

@script:python@
f << ic.f;
es << ic.es;
p << ic.p;
@@
fact('icall', p, f, es)

@id depends on explain@
expression E;
identifier f;
expression list es;
position p;
@@
E.f@p(es)

@script:python@
f << id.f;
es << id.es;
p << id.p;
@@
fact('icall', p, f, es)

@ct depends on explain@
identifier f;
expression list[n] es;
struct sg_table *T;
position p;
@@
f@p(es, T, ...)

@script:python@
f << ct.f;
n << ct.n;
T << ct.T;
p << ct.p;
@@
fact('takes', p, f, n, T)

@cl depends on explain@
identifier f;
expression list[n] es;
struct scatterlist *T;
position p;
@@
f@p(es, T, ...)

@script:python@
f << cl.f;
n << cl.n;
T << cl.T;
p << cl.p;
@@
fact('takes', p, f, n, T)

@st depends on explain@
expression L;
struct sg_table *T;
position p;
@@
L =@p T

@script:python@
L << st.L;
T << st.T;
p << st.p;
@@
fact('keeps', p, L, T)

@sl depends on explain@
expression L;
struct scatterlist *T;
position p;
@@
L =@p T

@script:python@
L << sl.L;
T << sl.T;
p << sl.p;
@@
fact('keeps', p, L, T)

// What isn't known to be a walk, and has one statement, is taken for an expression.
@it depends on explain@
iterator i;
iterator name for_each_sg, for_each_sgtable_sg, for_each_sgtable_dma_sg, for_each_sg_page;
iterator name for_each_sgtable_page, for_each_sgtable_dma_page, for_each_sg_dma_page;
iterator name rdma_for_each_block;
expression list es;
statement S;
position p;
@@
i@p(es) S

@script:python@
i << it.i;
es << it.es;
p << it.p;
@@
fact('walk', p, i, es)

// Entries that have to stay apart, as in sg_to_phyr.cocci.
@pf depends on explain@
expression e, o;
position p;
@@
__free_pages@p(sg_page(e), o)

@script:python@
e << pf.e;
p << pf.p;
@@
fact('apart', p, e)

@pw depends on explain@
identifier sg, i;
expression L, n, x, o;
iterator name for_each_sg;
position p;
@@
for_each_sg(L, sg, n, i) { ... x =@p sg_page(sg); <+... __free_pages(x, o) ...+> }

@script:python@
L << pw.L;
p << pw.p;
@@
fact('apart', p, L)

@pc depends on explain@
identifier sg, i;
expression L, n, x;
iterator name for_each_sg;
position p;
@@
for_each_sg(L, sg, n, i) { <+... x -=@p sg_dma_len(sg); ... if (x == 0) { ... } ...+> }

@script:python@
L << pc.L;
p << pc.p;
@@
fact('apart', p, L)

@pa depends on explain@
expression dev, size, e, gfp;
position p;
@@
dma_alloc_coherent@p(dev, size, &sg_dma_address(e), gfp)

@script:python@
e << pa.e;
p << pa.p;
@@
fact('apart', p, e)

@finalize:python depends on explain@
facts << merge.facts;
@@
lists.report([line for part in facts for line in part])
