/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's PCI device "edu", as far as DMA goes: one transfer at a time between
 * memory and the 4 KiB that the device has.
 */
#ifndef _PHYR_SAMPLE_EDU_H
#define _PHYR_SAMPLE_EDU_H

#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/pci.h>

#define EDU_VENDOR		0x1234
#define EDU_DEVICE		0x11e8

#define EDU_IRQ_STATUS		0x24
#define EDU_IRQ_ACK		0x64
#define EDU_DMA_SRC		0x80
#define EDU_DMA_DST		0x88
#define EDU_DMA_COUNT		0x90
#define EDU_DMA_COMMAND		0x98
#define EDU_DMA_START		BIT(0)
#define EDU_DMA_TO_MEMORY	BIT(1)
#define EDU_DMA_IRQ		BIT(2)

/* The device's own memory; QEMU aborts when a transfer reaches its last byte. */
#define EDU_LOCAL		0x40000
#define EDU_LOCAL_SIZE		4095

struct edu {
	struct pci_dev		*pdev;
	void __iomem		*regs;
	struct completion	done;	/* of a transfer */
	bool			gone;
};

static inline irqreturn_t edu_irq(int irq, void *data)
{
	struct edu *edu = data;
	u32 status = readl(edu->regs + EDU_IRQ_STATUS);

	if (!status)
		return IRQ_NONE;
	writel(status, edu->regs + EDU_IRQ_ACK);
	complete(&edu->done);
	return IRQ_HANDLED;
}

/*
 * A transfer can't be cancelled, and the memory must not go away before its
 * end: signals have to wait for it.  The caller sees to it that there is one
 * at a time.
 */
static inline int edu_transfer(struct edu *edu, u64 src, u64 dst, u64 len,
			       u32 direction)
{
	reinit_completion(&edu->done);
	writeq(src, edu->regs + EDU_DMA_SRC);
	writeq(dst, edu->regs + EDU_DMA_DST);
	writeq(len, edu->regs + EDU_DMA_COUNT);
	writel(EDU_DMA_START | EDU_DMA_IRQ | direction,
	       edu->regs + EDU_DMA_COMMAND);
	if (wait_for_completion_timeout(&edu->done, 10 * HZ))
		return 0;

	/* Whatever it is doing, it won't do it to memory that was unpinned. */
	pci_clear_master(edu->pdev);
	WRITE_ONCE(edu->gone, true);
	return -EIO;
}

/* What lies in memory at @addr, to the device's @offset. */
static inline int edu_fetch(struct edu *edu, dma_addr_t addr, u32 offset,
			    u64 len)
{
	return edu_transfer(edu, addr, EDU_LOCAL + offset, len, 0);
}

static inline int edu_store(struct edu *edu, dma_addr_t addr, u32 offset,
			    u64 len)
{
	return edu_transfer(edu, EDU_LOCAL + offset, addr, len,
			    EDU_DMA_TO_MEMORY);
}

/* From here on the device is ready; its driver core undoes all of it. */
static inline int edu_start(struct edu *edu, struct pci_dev *pdev,
			    unsigned int dma_bits)
{
	int err;

	edu->pdev = pdev;
	init_completion(&edu->done);
	err = pcim_enable_device(pdev);
	if (err)
		return err;
	edu->regs = pcim_iomap_region(pdev, 0, KBUILD_MODNAME);
	if (IS_ERR(edu->regs))
		return PTR_ERR(edu->regs);
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(dma_bits));
	if (err)
		return err;
	/* Drivers split ranges as the hardware needs them. */
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	pci_set_master(pdev);
	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI | PCI_IRQ_INTX);
	if (err < 0)
		return err;
	return devm_request_irq(&pdev->dev, pci_irq_vector(pdev, 0), edu_irq,
				IRQF_SHARED, KBUILD_MODNAME, edu);
}

#endif /* _PHYR_SAMPLE_EDU_H */
