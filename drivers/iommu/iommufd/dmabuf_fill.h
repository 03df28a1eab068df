/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Part of pages.c: filling of domains with a DMABUF's memory.
 *
 * Its addresses are the core's, dma-buf-phyr.c, which maps by position.  Domains are
 * filled long after the reservation lock was dropped, and it can't be taken here, as it
 * is outside of pages->mutex.  What keeps the memory where it is:
 *
 * iopt_map_dmabuf() holds it, so that the exporter's list stays as it is until it is
 * given back.  That is done when all areas are gone, by iopt_release_pages(); or when
 * the memory is revoked, by iopt_revoke_notify(), which takes pages->mutex inside of
 * the reservation lock.  Who fills a domain has the mutex, and has tracked the area and
 * the domain by the time that it drops it.  So either it finds that nothing is held any
 * more, and maps nothing; or the notifier finds what was mapped, and unmaps it before
 * it gives the memory back.
 */

static int iopt_dmabuf_fill_domain(struct iopt_area *area,
				   struct iopt_pages *pages,
				   struct iommu_domain *domain)
{
	unsigned long iova = iopt_area_iova(area);
	unsigned long length = iopt_area_length(area);
	unsigned long pos = pages->dmabuf.start + iopt_area_start_byte(area, iova);
	unsigned long step = area->iopt->disable_large_pages ? PAGE_SIZE : length;
	unsigned long done;
	int rc;

	if (iopt_dmabuf_revoked(pages))
		return 0;
	for (done = 0; done < length; done += step) {
		rc = dma_buf_map_iommu(pages->dmabuf.held, domain, iova + done,
				       pos + done, step, area->iommu_prot,
				       GFP_KERNEL_ACCOUNT);
		if (rc)
			goto unmap;
	}
	return 0;
unmap:
	if (done)
		iommu_unmap_nofail(domain, iova, done);
	return rc;
}

/* Those of a new area: all of them, or none. */
static int iopt_dmabuf_fill_domains(struct iopt_area *area,
				    struct iopt_pages *pages)
{
	struct iommu_domain *domain;
	unsigned long index, failed;
	int rc;

	xa_for_each(&area->iopt->domains, index, domain) {
		rc = iopt_dmabuf_fill_domain(area, pages, domain);
		if (rc)
			goto unmap;
	}
	return 0;
unmap:
	failed = index;
	xa_for_each(&area->iopt->domains, index, domain) {
		if (index == failed)
			break;
		iopt_area_unmap_domain(area, domain);
	}
	return rc;
}
