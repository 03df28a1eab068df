/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PHYR_USER_PCI_P2PDMA_H
#define _PHYR_USER_PCI_P2PDMA_H

struct page;

struct device {
	const char	*name;
};

struct p2pdma_provider {
	struct device	*owner;
};

struct p2pdma_provider *pci_p2pdma_page_provider(struct page *page);

static inline const char *dev_name(const struct device *dev)
{
	return dev->name;
}

#endif /* _PHYR_USER_PCI_P2PDMA_H */
