// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the mapping of physical-range lists: QEMU's device "edu" reads and
 * writes them, through whatever IOMMU the machine has.
 */

#include "edu.h"
#include "phyr_dma_test.h"

/* Each transfer takes the device a tenth of a second, so it does a part of them. */
#define PIECE_BYTES	128
#define MAX_PIECES	(EDU_LOCAL_SIZE / PIECE_BYTES)

/**
 * struct edu_list - What to list
 * @name: Of this list, or of one that all tests know.
 * @start: Where the only range starts in the pool.
 * @len: Its length, or zero.
 */
struct edu_list {
	const char	*name;
	u64		start;
	u64		len;
};

/*
 * No transfer starts with the last byte of a page: QEMU 7.2 has its IOMMU of virtio
 * look for that byte and the next one, and may find the next page's mapping.
 */
static const struct edu_list lists[] = {
	{ "page" },
	{ "a byte inside of a page", 3 * PAGE_SIZE - 2, 1 },
	{ "four bytes of two pages", PAGE_SIZE - 2, 4 },
	{ "long odd" },
	{ "odd seams" },
};

/**
 * struct edu_case - Parameter of a test
 * @way: The device.
 * @list: The list.
 */
struct edu_case {
	enum phyr_test_way	way;
	const struct edu_list	*list;
};

/**
 * struct piece - Bytes to transfer, all of one range of the list
 * @pos: Where they are in the list.
 * @image: Where they are in the image of the memory.
 * @len: How many they are.
 */
struct piece {
	u64	pos;
	u8	*image;
	u32	len;
};

/**
 * struct edu_test - A list that the device reads and writes
 * @t: The test.
 * @edu: The device.
 * @buf: What all pieces are read to and written from.
 * @addr: The same for the device.
 * @pieces: Both ends of each range.
 * @nr: Number of pieces.
 */
struct edu_test {
	struct dma_test	*t;
	struct edu	*edu;
	u8		*buf;
	dma_addr_t	addr;
	struct piece	pieces[MAX_PIECES];
	unsigned int	nr;
};

static const void *edu_gen_params(struct kunit *test, const void *prev,
				  char *desc)
{
	static struct edu_case all[2 * ARRAY_SIZE(lists)];
	const struct edu_case *last = prev;
	size_t i = last ? last - all + 1 : 0;

	if (i == ARRAY_SIZE(all))
		return NULL;
	all[i].way = i < ARRAY_SIZE(lists) ? PHYR_TEST_PCI :
					     PHYR_TEST_UNTRUSTED;
	all[i].list = &lists[i % ARRAY_SIZE(lists)];
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s: %s",
		 phyr_test_way_name(all[i].way), all[i].list->name);
	return &all[i];
}

static void add_piece(struct edu_test *e, u64 pos, phys_addr_t phys, u64 len)
{
	struct dma_test *t = e->t;

	KUNIT_ASSERT_LT(t->test, e->nr, MAX_PIECES);
	e->pieces[e->nr++] = (struct piece) {
		.pos = pos,
		.image = t->image + (phys - t->pool->phys),
		.len = min(len, PIECE_BYTES),
	};
}

static void add_pieces(struct edu_test *e)
{
	u64 pos = 0;

	for (size_t i = 0; i < e->t->model->nr; i++) {
		const struct phyr_range *r = &e->t->model->ranges[i];
		u64 last = r->len - min(r->len, PIECE_BYTES);

		add_piece(e, pos, r->phys, r->len);
		if (last >= PIECE_BYTES)
			add_piece(e, pos + last, r->phys + last, r->len);
		pos += r->len;
	}
}

static struct edu_test *edu_test_of_case(struct kunit *test)
{
	const struct edu_case *c = test->param_value;
	struct edu_test *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, e);
	e->t = dma_test_new(test, c->way);
	e->edu = phyr_test_edu(e->t->dev);
	e->buf = dmam_alloc_coherent(e->t->dev, EDU_LOCAL_SIZE, &e->addr,
				     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, e->buf);
	if (c->list->len)
		dma_test_add(e->t, c->list->start, c->list->len, 0);
	else
		dma_test_fill(e->t, c->list->name);
	add_pieces(e);
	return e;
}

static void edu_test_end(struct edu_test *e)
{
	phyr_dma_unmap(&e->t->dma);
	dmam_free_coherent(e->t->dev, EDU_LOCAL_SIZE, e->buf, e->addr);
	dma_test_check_unmapped(e->t);
	dma_test_check_cpu(e->t);
}

/* The device has one piece after the other in its own memory. */
static void transfer(struct edu_test *e,
		     int (*fn)(struct edu *edu, dma_addr_t addr, u32 offset,
			       u64 len))
{
	u32 offset = 0;

	for (unsigned int i = 0; i < e->nr; i++) {
		PHYR_DMA_STATE(ds, &e->t->dma);
		const struct piece *piece = &e->pieces[i];
		dma_addr_t addr;
		u64 len;

		KUNIT_ASSERT_EQ(e->t->test, 0,
				phyr_dmas_slice(&ds, piece->pos, piece->len));
		while ((len = phyr_dmas_piece(&ds, PIECE_BYTES, &addr))) {
			KUNIT_ASSERT_EQ(e->t->test, 0,
					fn(e->edu, addr, offset, len));
			offset += len;
		}
	}
}

static void test_edu_reads(struct kunit *test)
{
	struct edu_test *e = edu_test_of_case(test);
	u8 *at = e->buf;

	dma_test_map(e->t, DMA_TO_DEVICE);
	transfer(e, edu_fetch);
	KUNIT_ASSERT_EQ(test, 0,
			edu_store(e->edu, e->addr, 0, EDU_LOCAL_SIZE));
	for (unsigned int i = 0; i < e->nr; i++) {
		const struct piece *piece = &e->pieces[i];

		KUNIT_EXPECT_MEMEQ(test, at, piece->image, piece->len);
		at += piece->len;
	}
	edu_test_end(e);
}

/* Nothing but the pieces is written. */
static void test_edu_writes(struct kunit *test)
{
	struct edu_test *e = edu_test_of_case(test);
	u8 *at = e->buf;

	prandom_bytes_state(&e->t->rnd, e->buf, EDU_LOCAL_SIZE);
	dma_test_map(e->t, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_EQ(test, 0,
			edu_fetch(e->edu, e->addr, 0, EDU_LOCAL_SIZE));
	transfer(e, edu_store);
	for (unsigned int i = 0; i < e->nr; i++) {
		memcpy(e->pieces[i].image, at, e->pieces[i].len);
		at += e->pieces[i].len;
	}
	edu_test_end(e);
}

static struct kunit_case phyr_dma_edu_cases[] = {
	KUNIT_CASE_PARAM_ATTR(test_edu_reads, edu_gen_params,
			      { .speed = KUNIT_SPEED_SLOW }),
	KUNIT_CASE_PARAM_ATTR(test_edu_writes, edu_gen_params,
			      { .speed = KUNIT_SPEED_SLOW }),
	{ }
};

static struct kunit_suite phyr_dma_edu_suite = {
	.name		= "phyr_dma_edu",
	.suite_init	= phyr_test_devices_add,
	.suite_exit	= phyr_test_devices_del,
	.exit		= dma_test_exit,
	.test_cases	= phyr_dma_edu_cases,
};

kunit_test_suite(phyr_dma_edu_suite);
