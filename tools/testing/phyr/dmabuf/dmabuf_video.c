// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has devices of vivid capture into what others export, and compares the pictures with
 * those in memory of their own.
 *
 *	dmabuf_move video MODE	a line for each exporter and device, as of the kernel's tests
 *
 * One device writes by the CPU to what the exporter maps into the kernel, the other takes
 * a scatterlist, and memory in one piece only.
 */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/videodev2.h>

#include "../guest/open_by_name.h"
#include "dmabuf_move.h"

#define CAPTURE		V4L2_BUF_TYPE_VIDEO_CAPTURE

/* In any exporter's buffer there is room for it. */
#define WIDTH		320
#define HEIGHT		180
#define PICTURE		(2 * WIDTH * HEIGHT)

static void call(int video, unsigned long what, void *arg, const char *name)
{
	if (ioctl(video, what, arg))
		err(1, "%s", name);
}

/* Without the time in it, all pictures are the same. */
static void no_text(int video)
{
	struct v4l2_queryctrl control = { .id = V4L2_CTRL_FLAG_NEXT_CTRL };
	struct v4l2_control none = { };

	while (!ioctl(video, VIDIOC_QUERYCTRL, &control)) {
		if (!strcmp((char *)control.name, "OSD Text Mode")) {
			none.id = control.id;
			none.value = control.maximum;
			call(video, VIDIOC_S_CTRL, &none, "no text");
			return;
		}
		control.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
	}
	errx(1, "no control of text");
}

static void choose_format(int video)
{
	struct v4l2_format format = {
		.type = CAPTURE,
		.fmt.pix = {
			.width = WIDTH,
			.height = HEIGHT,
			.pixelformat = V4L2_PIX_FMT_YUYV,
			.field = V4L2_FIELD_NONE,
		},
	};

	call(video, VIDIOC_S_FMT, &format, "choosing a format");
	if (format.fmt.pix.sizeimage != PICTURE)
		errx(1, "pictures of %u bytes", format.fmt.pix.sizeimage);
}

static void want_buffers(int video, unsigned int memory, unsigned int nr)
{
	struct v4l2_requestbuffers request = {
		.count = nr,
		.type = CAPTURE,
		.memory = memory,
	};

	call(video, VIDIOC_REQBUFS, &request, "buffers");
}

/* Return: 0, or what the device says to the buffer. */
static int capture(int video, struct v4l2_buffer *buffer)
{
	int type = CAPTURE;

	if (ioctl(video, VIDIOC_QBUF, buffer))
		return -errno;
	call(video, VIDIOC_STREAMON, &type, "starting");
	call(video, VIDIOC_DQBUF, buffer, "a picture");
	call(video, VIDIOC_STREAMOFF, &type, "stopping");
	return buffer->flags & V4L2_BUF_FLAG_ERROR ? -EIO : 0;
}

static void capture_own(int video, unsigned char *picture)
{
	struct v4l2_buffer buffer = {
		.type = CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
	};
	void *mem;

	want_buffers(video, V4L2_MEMORY_MMAP, 1);
	call(video, VIDIOC_QUERYBUF, &buffer, "a buffer");
	mem = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, video,
		   buffer.m.offset);
	if (mem == MAP_FAILED || capture(video, &buffer))
		err(1, "a picture in the device's memory");
	memcpy(picture, mem, PICTURE);
	munmap(mem, buffer.length);
	want_buffers(video, V4L2_MEMORY_MMAP, 0);
}

static bool capture_into(int video, const struct exporter *exporter,
			 const unsigned char *picture)
{
	struct v4l2_buffer request = {
		.type = CAPTURE,
		.memory = V4L2_MEMORY_DMABUF,
	};
	struct buffer buffer;

	open_buffer(&buffer, exporter);
	cpu_writes(&buffer);
	memcpy(buffer.mirror, buffer.mem, buffer.len);
	memcpy(buffer.mirror, picture, PICTURE);
	request.m.fd = buffer.dmabuf;
	want_buffers(video, V4L2_MEMORY_DMABUF, 1);
	if (!buffer.error)
		buffer.error = capture(video, &request);
	compare(&buffer, 0, buffer.len);
	want_buffers(video, V4L2_MEMORY_DMABUF, 0);
	close_buffer(&buffer);
	return !buffer.error && !buffer.wrong;
}

/* What others have may be so, too, but by chance. */
static bool in_one_piece(const struct exporter *exporter)
{
	return exporter->len == 2 * MIB || !strcmp(exporter->name, "cma-heap");
}

static void run_device(const char *name, const struct exporter *exporters, size_t nr,
		       bool one_piece)
{
	static unsigned char picture[PICTURE];
	int video = open_by_name("/sys/class/video4linux/video%d/name",
				 "/dev/video%d", name);

	no_text(video);
	choose_format(video);
	capture_own(video, picture);
	for (size_t i = 0; i < nr; i++) {
		if (one_piece && !in_one_piece(&exporters[i]))
			continue;
		printf("suite\tvideo-%s\tinto %s\t%s\n", name, exporters[i].name,
		       capture_into(video, &exporters[i], picture) ?
		       "ok" : "not ok");
	}
	close(video);
}

int video_imports(const struct exporter *exporters, size_t nr)
{
	run_device("vivid-000-vid-cap", exporters, nr, false);
	run_device("vivid-001-vid-cap", exporters, nr, true);
	return 0;
}
