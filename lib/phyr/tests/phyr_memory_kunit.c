// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of physical-range lists: the memory that a list describes.
 */

#include <kunit/device.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/pci-p2pdma.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>

#include "phyr_model.h"

#define POOL_PAGES	8

struct memory_test {
	struct phyr		phyr;
	struct phyr_model	*model;
	struct phyr_pool	*pool;
	u8			*flat;	/* the bytes of the list, in order */
	u8			*buf;
	u8			*saved;	/* the pool as it should be */
};

static int memory_init(struct kunit *test)
{
	struct memory_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	size_t size = POOL_PAGES * PAGE_SIZE;

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->model = phyr_model_new(test, 64);
	t->pool = phyr_pool_new(test, POOL_PAGES);
	t->flat = kunit_kzalloc(test, size, GFP_KERNEL);
	t->buf = kunit_kzalloc(test, size, GFP_KERNEL);
	t->saved = kunit_kzalloc(test, size, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, t->flat && t->buf && t->saved);

	for (size_t i = 0; i < size; i++)
		t->saved[i] = i * 31 + i / PAGE_SIZE;
	memcpy(t->pool->addr, t->saved, size);
	test->priv = t;
	return 0;
}

static void memory_exit(struct kunit *test)
{
	struct memory_test *t = test->priv;

	if (t)
		phyr_destroy(&t->phyr);
}

static void append(struct kunit *test, size_t offset, u64 len)
{
	struct memory_test *t = test->priv;
	const struct phyr_range range = {
		.phys = t->pool->phys + offset,
		.len = len,
	};

	KUNIT_ASSERT_EQ(test, 0,
			phyr_append_range(&t->phyr, &range, GFP_KERNEL));
	memcpy(t->flat + t->model->bytes, t->saved + offset, len);
	phyr_model_append(test, t->model, &range);
}

/* Backwards, inside a page, across pages: no byte twice. */
static void append_scattered(struct kunit *test)
{
	append(test, 6 * PAGE_SIZE + 13, PAGE_SIZE - 13);
	append(test, 7 * PAGE_SIZE, 1000);
	append(test, 2 * PAGE_SIZE - 1, 2);
	append(test, PAGE_SIZE + 40, 8);
	append(test, 3 * PAGE_SIZE, 2 * PAGE_SIZE + 3);
	append(test, 0, PAGE_SIZE);
}

static void copy_to_buffer(struct kunit *test)
{
	struct memory_test *t = test->priv;
	u64 bytes;

	append_scattered(test);
	bytes = t->model->bytes;
	for (u64 skip = 0; skip < bytes; skip += skip % 64 ? 1 : 31) {
		for (size_t len = 0; len < 3 * PAGE_SIZE; len += 1 + len / 2) {
			u64 left = bytes - skip;

			memset(t->buf, 0xa5, len + 1);
			KUNIT_ASSERT_EQ(test, min(len, left),
					phyr_copy_to_buffer(&t->phyr, t->buf,
							    len, skip));
			KUNIT_ASSERT_MEMEQ(test, t->buf, t->flat + skip,
					   min(len, left));
			KUNIT_ASSERT_EQ(test, t->buf[min(len, left)], 0xa5);
		}
	}
}

static void expect_no_copy(struct kunit *test, u64 skip)
{
	struct memory_test *t = test->priv;
	size_t size = POOL_PAGES * PAGE_SIZE;

	for (size_t len = 0; len < 3; len++) {
		KUNIT_EXPECT_EQ(test, -ERANGE,
				phyr_copy_to_buffer(&t->phyr, t->buf, len, skip));
		KUNIT_EXPECT_EQ(test, -ERANGE,
				phyr_copy_from_buffer(&t->phyr, t->flat, len,
						      skip));
	}
	KUNIT_EXPECT_TRUE(test, mem_is_zero(t->buf, size));
	KUNIT_EXPECT_MEMEQ(test, t->pool->addr, t->saved, size);
}

static void copy_past_the_end(struct kunit *test)
{
	struct memory_test *t = test->priv;
	u64 bytes;

	expect_no_copy(test, 0);
	expect_no_copy(test, U64_MAX);
	append_scattered(test);
	bytes = t->model->bytes;
	expect_no_copy(test, bytes);
	expect_no_copy(test, bytes + 1);
	expect_no_copy(test, U64_MAX);
	/* The last byte is there. */
	KUNIT_EXPECT_EQ(test, 1, phyr_copy_to_buffer(&t->phyr, t->buf, 9,
						     bytes - 1));
	KUNIT_EXPECT_EQ(test, t->buf[0], t->flat[bytes - 1]);
	KUNIT_EXPECT_EQ(test, t->buf[1], 0);
}

/* Write @flat to @saved where the list says so. */
static void scatter(struct memory_test *t, u64 skip, size_t len)
{
	while (len--) {
		struct phyr_range at = phyr_model_at(t->model, skip);

		t->saved[at.phys - t->pool->phys] = t->flat[skip++];
	}
}

static void copy_from_buffer(struct kunit *test)
{
	struct memory_test *t = test->priv;
	u64 bytes;

	append_scattered(test);
	bytes = t->model->bytes;
	for (u64 skip = 0; skip < bytes; skip += 1 + skip / 4) {
		for (size_t len = 1; len < 2 * bytes; len *= 3) {
			size_t want = min(len, bytes - skip);

			for (size_t i = skip; i < skip + want; i++)
				t->flat[i] += 1 + i % 3;
			KUNIT_ASSERT_EQ(test, want,
					phyr_copy_from_buffer(&t->phyr,
							      t->flat + skip,
							      len, skip));
			scatter(t, skip, want);
			KUNIT_ASSERT_MEMEQ(test, t->pool->addr, t->saved,
					   POOL_PAGES * PAGE_SIZE);
		}
	}
}

static void copy_stops_at_mmio(struct kunit *test)
{
	struct memory_test *t = test->priv;
	size_t bytes;

	append(test, 5000, 100);
	KUNIT_ASSERT_EQ(test, 0, phyr_append_mmio(&t->phyr, SZ_1G, 50, NULL,
						  GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, phyr_append(&t->phyr, t->pool->phys, 10,
					     GFP_KERNEL));

	KUNIT_EXPECT_EQ(test, 100, phyr_copy_to_buffer(&t->phyr, t->buf, 160, 0));
	KUNIT_EXPECT_MEMEQ(test, t->buf, t->saved + 5000, 100);
	KUNIT_EXPECT_EQ(test, 1, phyr_copy_from_buffer(&t->phyr, t->buf + 99, 9,
						       99));
	for (u64 skip = 100; skip < 150; skip++) {
		bytes = 160 - skip;
		KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
				phyr_copy_to_buffer(&t->phyr, t->buf, bytes,
						    skip));
		KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
				phyr_copy_from_buffer(&t->phyr, t->buf, bytes,
						      skip));
	}
	KUNIT_EXPECT_EQ(test, 10, phyr_copy_to_buffer(&t->phyr, t->buf, 20, 150));
	KUNIT_EXPECT_MEMEQ(test, t->buf, t->saved, 10);
	KUNIT_EXPECT_MEMEQ(test, t->pool->addr, t->saved,
			   POOL_PAGES * PAGE_SIZE);
}

/* Every page once for each range that touches it. */
static void walk_pages(struct kunit *test)
{
	static const u8 want[] = { 6, 7, 1, 2, 1, 3, 4, 5, 0 };
	struct memory_test *t = test->priv;
	struct page *first = virt_to_page(t->pool->addr);
	struct page *page;
	unsigned long pfn;
	size_t i = 0;

	append_scattered(test);
	phyr_for_each_page(&t->phyr, page) {
		KUNIT_ASSERT_LT(test, i, ARRAY_SIZE(want));
		KUNIT_EXPECT_PTR_EQ(test, page, first + want[i]);
		i++;
	}
	KUNIT_EXPECT_EQ(test, i, ARRAY_SIZE(want));

	i = 0;
	phyr_for_each_pfn(&t->phyr, pfn) {
		KUNIT_ASSERT_LT(test, i, ARRAY_SIZE(want));
		KUNIT_EXPECT_EQ(test, pfn, page_to_pfn(first) + want[i]);
		i++;
	}
	KUNIT_EXPECT_EQ(test, i, ARRAY_SIZE(want));
}

/* A range over single pages comes page by page. */
static void walk_small_folios(struct kunit *test)
{
	struct memory_test *t = test->priv;
	struct phyr_state ps = phyr_start(&t->phyr);
	struct phyr_folio part;

	append(test, 100, 4 * PAGE_SIZE);
	ps = phyr_start(&t->phyr);
	for (unsigned int i = 0; i < 5; i++) {
		KUNIT_ASSERT_TRUE(test, phyrs_next_folio(&ps, &part));
		KUNIT_EXPECT_PTR_EQ(test, part.folio,
				    page_folio(virt_to_page(t->pool->addr) + i));
		KUNIT_EXPECT_EQ(test, part.offset, i ? 0 : 100);
		KUNIT_EXPECT_EQ(test, part.len,
				i == 0 ? PAGE_SIZE - 100 :
				i == 4 ? 100 : PAGE_SIZE);
	}
	KUNIT_EXPECT_FALSE(test, phyrs_next_folio(&ps, &part));
	KUNIT_EXPECT_FALSE(test, phyrs_next_folio(&ps, &part));
}

static void put_folio(void *folio)
{
	folio_put(folio);
}

static struct folio *new_folio(struct kunit *test, unsigned int order)
{
	struct folio *folio = folio_alloc(GFP_KERNEL | __GFP_COMP, order);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, put_folio, folio));
	return folio;
}

static void walk_large_folios(struct kunit *test)
{
	struct memory_test *t = test->priv;
	struct folio *folios[] = { new_folio(test, 3), new_folio(test, 0),
				   new_folio(test, 2) };
	static const struct {
		unsigned int	folio;
		unsigned int	offset;
		unsigned int	len;
	} parts[] = {
		{ 0, 0, 8 * SZ_4K }, { 0, 3 * SZ_4K + 5, SZ_16K },
		{ 2, SZ_16K - 1, 1 }, { 1, 8, 16 }, { 2, 0, 1 },
	};
	struct phyr_folio part;
	size_t i = 0;

	for (; i < ARRAY_SIZE(parts); i++)
		KUNIT_ASSERT_EQ(test, 0,
				phyr_append_folio(&t->phyr,
						  folios[parts[i].folio],
						  parts[i].offset, parts[i].len,
						  GFP_KERNEL));
	i = 0;
	phyr_for_each_folio(&t->phyr, part) {
		KUNIT_ASSERT_LT(test, i, ARRAY_SIZE(parts));
		KUNIT_EXPECT_PTR_EQ(test, part.folio, folios[parts[i].folio]);
		KUNIT_EXPECT_EQ(test, part.offset, parts[i].offset);
		KUNIT_EXPECT_EQ(test, part.len, parts[i].len);
		i++;
	}
	KUNIT_EXPECT_EQ(test, i, ARRAY_SIZE(parts));
}

/* One of @nr folios that ends where another starts. */
static struct folio *find_neighbour(struct folio **folios, unsigned int nr,
				    struct folio **next)
{
	for (unsigned int i = 0; i < nr * nr; i++) {
		struct folio *a = folios[i / nr], *b = folios[i % nr];

		if (folio_pfn(a) + folio_nr_pages(a) == folio_pfn(b)) {
			*next = b;
			return a;
		}
	}
	return NULL;
}

static void merges_across_folios(struct kunit *test)
{
	struct memory_test *t = test->priv;
	struct folio *folios[32], *a, *b;
	struct phyr_folio part;
	struct phyr_state ps = phyr_start(&t->phyr);

	for (size_t i = 0; i < ARRAY_SIZE(folios); i++)
		folios[i] = new_folio(test, 2);
	a = find_neighbour(folios, ARRAY_SIZE(folios), &b);
	if (!a)
		kunit_skip(test, "no adjacent folios");

	KUNIT_EXPECT_EQ(test, 0, phyr_append_folio(&t->phyr, a, 77,
						   folio_size(a) - 77,
						   GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_append_folio(&t->phyr, b, 0, 9,
						   GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, phyr_nr_ranges(&t->phyr), 1);

	ps = phyr_start(&t->phyr);
	KUNIT_ASSERT_TRUE(test, phyrs_next_folio(&ps, &part));
	KUNIT_EXPECT_PTR_EQ(test, part.folio, a);
	KUNIT_EXPECT_EQ(test, part.offset, 77);
	KUNIT_EXPECT_EQ(test, part.len, folio_size(a) - 77);
	KUNIT_ASSERT_TRUE(test, phyrs_next_folio(&ps, &part));
	KUNIT_EXPECT_PTR_EQ(test, part.folio, b);
	KUNIT_EXPECT_EQ(test, part.offset, 0);
	KUNIT_EXPECT_EQ(test, part.len, 9);
	KUNIT_EXPECT_FALSE(test, phyrs_next_folio(&ps, &part));
}

static void append_folio_refused(struct kunit *test)
{
	struct memory_test *t = test->priv;
	struct folio *folio = new_folio(test, 1);
	size_t size = folio_size(folio);
	const struct {
		size_t	offset;
		size_t	len;
	} bad[] = {
		{ 0, 0 }, { 5, 0 }, { 0, size + 1 }, { 1, size }, { size, 0 },
		{ size, 1 }, { SIZE_MAX, 1 }, { SIZE_MAX, 2 }, { 1, SIZE_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ(test, -EINVAL,
				phyr_append_folio(&t->phyr, folio,
						  bad[i].offset, bad[i].len,
						  GFP_KERNEL));
		phyr_model_check(test, t->model, &t->phyr);
	}
}

/* Callers must not ask for the pages of device memory. */
static void no_pages_of_mmio(struct kunit *test)
{
#ifdef kunit_warning_suppress
	struct memory_test *t = test->priv;
	struct phyr_folio part;
	struct phyr_state ps = phyr_start(&t->phyr);

	KUNIT_ASSERT_EQ(test, 0, phyr_append_mmio(&t->phyr, SZ_1M, SZ_4K, NULL,
						  GFP_KERNEL));
	kunit_warning_suppress(test) {
		ps = phyr_start(&t->phyr);
		KUNIT_EXPECT_NULL(test, phyrs_next_page(&ps));
		ps = phyr_start(&t->phyr);
		KUNIT_EXPECT_FALSE(test, phyrs_next_folio(&ps, &part));
	}
#else
	kunit_skip(test, "needs kunit_warning_suppress()");
#endif
}

static void seq_show(struct kunit *test)
{
	struct memory_test *t = test->priv;
	struct p2pdma_provider provider = {
		.owner = kunit_device_register(test, "phyr-p2p"),
	};
	struct seq_file m = { .buf = t->buf, .size = SZ_4K };
	static const phys_addr_t at[] = { SZ_1M, SZ_1M + SZ_4K - 1, 33, 44,
					  SZ_8K, SZ_8K };
	char *want = t->flat;
	int len;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, provider.owner);
	phyr_seq_show(&m, &t->phyr);
	KUNIT_EXPECT_EQ(test, m.count, 0);

	KUNIT_EXPECT_EQ(test, 0, phyr_append(&t->phyr, at[0], SZ_4K, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_append_mmio(&t->phyr, at[2], 12, NULL,
						  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, phyr_append_mmio(&t->phyr, at[4], 1, &provider,
						  GFP_KERNEL));
	phyr_seq_show(&m, &t->phyr);
	len = scnprintf(want, SZ_4K,
			"%pa-%pa 4096 memory\n%pa-%pa 12 mmio\n%pa-%pa 1 p2p %s\n",
			&at[0], &at[1], &at[2], &at[3], &at[4], &at[5],
			dev_name(provider.owner));
	KUNIT_EXPECT_EQ(test, m.count, len);
	t->buf[m.count] = '\0';
	KUNIT_EXPECT_STREQ(test, (char *)t->buf, want);
}

static void seq_show_pinned(struct kunit *test)
{
	struct memory_test *t = test->priv;
	struct seq_file m = { .buf = t->buf, .size = SZ_4K };
	struct phyr_range range = {
		.phys = t->pool->phys,
		.len = 7,
		.flags = PHYR_PINNED,
	};

	for (unsigned int i = 0; i < 20; i++) {
		phyr_pool_pin(&range);
		KUNIT_ASSERT_EQ(test, 0, phyr_append_range(&t->phyr, &range,
							   GFP_KERNEL));
	}
	phyr_seq_show(&m, &t->phyr);
	t->buf[m.count] = '\0';
	for (unsigned int i = 0; i < 20; i++) {
		char *line = strsep((char **)&t->buf, "\n");

		KUNIT_ASSERT_NOT_NULL(test, line);
		KUNIT_EXPECT_NOT_NULL(test, strstr(line, " 7 pinned"));
	}
	KUNIT_EXPECT_STREQ(test, (char *)t->buf, "");
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(copy_to_buffer),
	KUNIT_CASE(copy_past_the_end),
	KUNIT_CASE(copy_from_buffer),
	KUNIT_CASE(copy_stops_at_mmio),
	KUNIT_CASE(walk_pages),
	KUNIT_CASE(walk_small_folios),
	KUNIT_CASE(walk_large_folios),
	KUNIT_CASE(merges_across_folios),
	KUNIT_CASE(append_folio_refused),
	KUNIT_CASE(no_pages_of_mmio),
	KUNIT_CASE(seq_show),
	KUNIT_CASE(seq_show_pinned),
	{ }
};

static struct kunit_suite memory_suite = {
	.name = "phyr_memory",
	.init = memory_init,
	.exit = memory_exit,
	.test_cases = memory_cases,
};

kunit_test_suite(memory_suite);
