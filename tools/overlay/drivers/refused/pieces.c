// SPDX-License-Identifier: GPL-2.0-only
// refused: 21: sg_miter_start() has no replacement
// explained: 18: a1, .*; stays, in-pieces:
/* Memory that is gone through in pieces, as fpga/fpga-mgr has. */

#include <linux/device.h>
#include <linux/scatterlist.h>

struct image {
	struct sg_table table;
};

static int image_check(struct image *image, struct page **pages, unsigned int nr)
{
	struct sg_mapping_iter miter;
	int ret, bad = 0;

	ret = sg_alloc_table_from_pages(&image->table, pages, nr, 0, nr * PAGE_SIZE, GFP_KERNEL);
	if (ret)
		return ret;
	sg_miter_start(&miter, image->table.sgl, image->table.nents, SG_MITER_FROM_SG);
	while (sg_miter_next(&miter))
		bad |= memchr_inv(miter.addr, 0, miter.length) ? 1 : 0;
	sg_miter_stop(&miter);
	sg_free_table(&image->table);
	return bad ? -EINVAL : 0;
}
