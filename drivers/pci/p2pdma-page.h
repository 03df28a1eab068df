/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A part of p2pdma.c, which includes it: what a page of peer-to-peer memory has to
 * tell to those who list memory by physical address.
 */

/**
 * pci_p2pdma_page_provider - Whose memory is a page?
 * @page: A page for which is_pci_p2pdma_page() is true
 *
 * The provider is there for as long as the caller has a reference to the page, or
 * what pci_alloc_p2pmem() gave: the driver's removal waits for both.
 *
 * Return: The provider that mappings of @page for other devices go by.
 */
struct p2pdma_provider *pci_p2pdma_page_provider(struct page *page)
{
	return to_p2p_pgmap(page_pgmap(page))->mem;
}
EXPORT_SYMBOL_GPL(pci_p2pdma_page_provider);
