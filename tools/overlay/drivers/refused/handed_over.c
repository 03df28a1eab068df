// SPDX-License-Identifier: GPL-2.0-only
// refused: 8: the list sg is not of this driver
// explained: 8: c, .*(mmc_data); stays, handed-over
#include <linux/mmc/core.h>

static int host_map(struct device *dev, struct mmc_data *data)
{
	return dma_map_sg(dev, data->sg, data->sg_len, mmc_get_dma_dir(data));
}
