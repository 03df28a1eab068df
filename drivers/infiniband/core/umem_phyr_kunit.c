// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * KUnit tests of umems: page sizes and blocks against the definition, on DMA
 * addresses that are made up.
 */

#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <rdma/ib_umem.h>
#include <rdma/iter.h>

#define TABLES		400
#define BITMAPS		20

struct umem_test {
	struct device		*dev;
	union {
		struct ib_umem		umem;
		struct ib_umem_dmabuf	dmabuf;
	};
	struct phyr_dma		buf;	/* mapping of all of a DMABUF */
	u64			start;	/* of the umem in its mapping */
	struct sg_table		sgt;
	struct rnd_state	rnd;
};

static_assert(!offsetof(struct ib_umem_dmabuf, umem));

static u64 below(struct umem_test *t, u64 max)
{
	return prandom_u32_state(&t->rnd) % max;
}

/* Entries of whole pages, aligned to anything up to 4 MiB, some adjacent. */
static u64 fill_table(struct kunit *test, unsigned int nents)
{
	struct umem_test *t = test->priv;
	u64 align = BIT_ULL(PAGE_SHIFT + below(t, 11));
	dma_addr_t addr = align * (1 + below(t, 8));
	struct scatterlist *sg;
	unsigned int i;
	u64 bytes = 0;

	KUNIT_ASSERT_EQ(test, 0, sg_alloc_table(&t->sgt, nents, GFP_KERNEL));
	for_each_sgtable_dma_sg(&t->sgt, sg, i) {
		if (below(t, 3))
			addr += align * (1 + below(t, 8));
		sg_dma_address(sg) = addr;
		sg_dma_len(sg) = align * (1 + below(t, 3));
		addr += sg_dma_len(sg);
		bytes += sg_dma_len(sg);
	}
	return bytes;
}

/* A umem of some bytes that need all of the table's pages. */
static void make_pinned(struct umem_test *t, u64 bytes, u64 head, u64 tail)
{
	t->umem.address = SZ_1G + below(t, SZ_1K) * PAGE_SIZE + head;
	t->umem.length = bytes - head - tail;
	t->start = head;
}

/* One of a DMABUF may start and end at any of the pages. */
static void make_dmabuf(struct umem_test *t, u64 bytes, u64 head, u64 tail)
{
	u64 first = below(t, bytes >> PAGE_SHIFT) << PAGE_SHIFT;
	u64 pages = 1 + below(t, (bytes - first) >> PAGE_SHIFT);

	t->umem.is_dmabuf = 1;
	t->umem.address = first + head;
	t->umem.length = (pages << PAGE_SHIFT) - head - tail;
	t->start = t->umem.address;
	t->dmabuf.dma = &t->buf;
}

static void new_umem(struct kunit *test)
{
	struct umem_test *t = test->priv;
	u64 bytes = fill_table(test, 1 + below(t, 9));
	u64 head = below(t, 2) ? below(t, PAGE_SIZE) : 0;
	u64 tail = below(t, 2) ? below(t, PAGE_SIZE - head) : 0;
	bool dmabuf = below(t, 2);

	t->dmabuf = (struct ib_umem_dmabuf) { };
	if (dmabuf)
		make_dmabuf(t, bytes, head, tail);
	else
		make_pinned(t, bytes, head, tail);
	t->umem.iova = t->umem.address;
	KUNIT_ASSERT_EQ(test, 0,
			phyr_dma_import_sgtable(dmabuf ? &t->buf : &t->umem.dma,
						t->dev, &t->sgt, 0, bytes,
						GFP_KERNEL));
}

static void free_umem(struct umem_test *t)
{
	phyr_dma_unmap(&t->buf);
	phyr_dma_unmap(&t->umem.dma);
	sg_free_table(&t->sgt);
}

static int umem_init(struct kunit *test)
{
	struct umem_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->dev = kunit_device_register(test, "umem");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->dev);
	prandom_seed_state(&t->rnd, 4);
	return 0;
}

static void umem_exit(struct kunit *test)
{
	if (test->priv)
		free_umem(test->priv);
}

/* Where the byte at @pos of the memory is for the device. */
static dma_addr_t addr_at(struct umem_test *t, u64 pos)
{
	struct scatterlist *sg = t->sgt.sgl;

	for (pos += t->start; pos >= sg_dma_len(sg); sg = sg_next(sg))
		pos -= sg_dma_len(sg);
	return sg_dma_address(sg) + pos;
}

/* Does the page of @size that the byte at @pos is in hold what it should? */
static bool same_page(struct umem_test *t, u64 pos, u64 virt, u64 size)
{
	return !((addr_at(t, pos) ^ (virt + pos)) & (size - 1));
}

/*
 * Pages of @size can be used if no byte has to be elsewhere in its page, and
 * only neighbours share one.
 */
static bool fits(struct umem_test *t, u64 virt, u64 size)
{
	u64 length = t->umem.length;
	u64 pos = 0, next;

	if (!same_page(t, 0, virt, size))
		return false;
	for (;;) {
		next = pos + PAGE_SIZE - ((virt + pos) & (PAGE_SIZE - 1));
		if (next >= length)
			return true;
		if ((virt + next) & (size - 1) &&
		    addr_at(t, next) != addr_at(t, next - 1) + 1)
			return false;
		if (!same_page(t, next, virt, size))
			return false;
		pos = next;
	}
}

/* The largest that fits, but none larger than one that is large enough. */
static u64 best_size(struct umem_test *t, unsigned long sizes, u64 virt)
{
	u64 last = virt + t->umem.length - 1;
	unsigned int bit;
	u64 best = 0;

	for_each_set_bit(bit, &sizes, BITS_PER_LONG) {
		if (fits(t, virt, BIT_ULL(bit)))
			best = BIT_ULL(bit);
		if (virt >> bit == last >> bit)
			break;
	}
	return best;
}

static void check_blocks(struct kunit *test, unsigned long size)
{
	struct umem_test *t = test->priv;
	struct ib_block_iter iter;
	u64 pos = 0, nr = 0;

	rdma_umem_for_each_dma_block(&t->umem, &iter, size) {
		dma_addr_t addr = rdma_block_iter_dma_address(&iter);

		KUNIT_ASSERT_EQ(test, addr, ALIGN_DOWN(addr_at(t, pos), size));
		pos += size - (addr_at(t, pos) & (size - 1));
		nr++;
	}
	KUNIT_EXPECT_GE(test, pos, t->umem.length);
	KUNIT_EXPECT_EQ(test, nr, ib_umem_num_dma_blocks(&t->umem, size));
}

/* The address that the user has, or another one with the same bits below some. */
static u64 some_virt(struct umem_test *t)
{
	u64 keep = BIT_ULL(PAGE_SHIFT + below(t, 12)) - 1;

	switch (below(t, 3)) {
	case 0:
		return t->umem.address;
	case 1:
		return addr_at(t, 0);
	default:
		return (addr_at(t, 0) & keep) + (keep + 1) * below(t, 100);
	}
}

static void check_umem(struct kunit *test)
{
	struct umem_test *t = test->priv;

	for (unsigned int i = 0; i < BITMAPS; i++) {
		unsigned long sizes = prandom_u32_state(&t->rnd) | PAGE_SIZE;
		u64 virt = some_virt(t);
		unsigned long best;

		if (i & 1)
			sizes = ~(PAGE_SIZE - 1);
		best = ib_umem_find_best_pgsz(&t->umem, sizes, virt);
		KUNIT_ASSERT_EQ_MSG(test, best, best_size(t, sizes, virt),
				    "sizes %lx, virt %llx", sizes, virt);
		KUNIT_EXPECT_EQ(test, t->umem.iova, virt);
		if (best)
			check_blocks(test, best);
	}
}

static void test_best_page_size(struct kunit *test)
{
	for (unsigned int i = 0; i < TABLES; i++) {
		new_umem(test);
		check_umem(test);
		free_umem(test->priv);
	}
}

/* Drivers may walk by pages, or less, without asking for the best size. */
static void test_small_blocks(struct kunit *test)
{
	for (unsigned int i = 0; i < TABLES; i++) {
		new_umem(test);
		check_blocks(test, PAGE_SIZE);
		check_blocks(test, SZ_512);
		free_umem(test->priv);
	}
}

static void test_start_address(struct kunit *test)
{
	struct umem_test *t = test->priv;

	for (unsigned int i = 0; i < TABLES; i++) {
		new_umem(test);
		KUNIT_EXPECT_EQ(test, ib_umem_start_dma_addr(&t->umem),
				addr_at(t, 0));
		KUNIT_EXPECT_EQ(test, ib_umem_first_page_dma(&t->umem),
				addr_at(t, 0) & PAGE_MASK);
		free_umem(t);
	}
}

static bool contiguous(struct umem_test *t)
{
	for (u64 pos = 0; pos < t->umem.length; pos += PAGE_SIZE) {
		if (addr_at(t, pos) - addr_at(t, 0) != pos)
			return false;
	}
	return addr_at(t, t->umem.length - 1) - addr_at(t, 0) ==
	       t->umem.length - 1;
}

static void test_contiguous(struct kunit *test)
{
	struct umem_test *t = test->priv;
	unsigned int seen = 0;

	for (unsigned int i = 0; i < TABLES; i++) {
		bool is;

		new_umem(test);
		is = contiguous(t);
		seen += is;
		KUNIT_EXPECT_EQ(test, is, ib_umem_is_contiguous(&t->umem));
		free_umem(t);
	}
	KUNIT_EXPECT_GT(test, seen, 0);
	KUNIT_EXPECT_LT(test, seen, TABLES);
}

static void test_wrapping_iova(struct kunit *test)
{
	struct umem_test *t = test->priv;

	new_umem(test);
	KUNIT_EXPECT_EQ(test, 0,
			ib_umem_find_best_pgsz(&t->umem, PAGE_SIZE,
					       U64_MAX - t->umem.length + 2));
	KUNIT_EXPECT_EQ(test, 0, ib_umem_find_best_pgsz(&t->umem, 0, 0));
}

/* There is nothing to give to hardware. */
static void expect_unmapped(struct kunit *test)
{
	struct umem_test *t = test->priv;
	struct ib_block_iter iter;

	KUNIT_EXPECT_EQ(test, 0,
			ib_umem_find_best_pgsz(&t->umem, PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, 0, ib_umem_first_page_dma(&t->umem));
	KUNIT_EXPECT_NULL(test, ib_umem_first_page(&t->umem));
	rdma_umem_for_each_dma_block(&t->umem, &iter, PAGE_SIZE)
		KUNIT_FAIL(test, "a block of nothing");
}

/* A software device's umem, or a DMABUF's that isn't mapped now. */
static void test_unmapped(struct kunit *test)
{
	struct umem_test *t = test->priv;

	t->umem.length = PAGE_SIZE;
	expect_unmapped(test);
	t->umem.is_dmabuf = 1;
	t->umem.address = PAGE_SIZE;
	expect_unmapped(test);
}

static struct kunit_case umem_phyr_cases[] = {
	KUNIT_CASE(test_best_page_size),
	KUNIT_CASE(test_small_blocks),
	KUNIT_CASE(test_start_address),
	KUNIT_CASE(test_contiguous),
	KUNIT_CASE(test_wrapping_iova),
	KUNIT_CASE(test_unmapped),
	{ }
};

static struct kunit_suite umem_phyr_suite = {
	.name		= "umem_phyr",
	.init		= umem_init,
	.exit		= umem_exit,
	.test_cases	= umem_phyr_cases,
};

kunit_test_suite(umem_phyr_suite);

MODULE_DESCRIPTION("KUnit tests of umems in physical-range lists");
MODULE_LICENSE("Dual BSD/GPL");
