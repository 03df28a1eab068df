// SPDX-License-Identifier: GPL-2.0-only
//
// rxe: a packet that is queued takes its reference to the QP along.  The task that
// it is queued for may be done with it at once, and the QP destroyed, before this
// task has been scheduled: KASAN sees that now and then on a stock kernel, too.
//
// Files: drivers/infiniband/sw/rxe/rxe_comp.c drivers/infiniband/sw/rxe/rxe_resp.c

@@
identifier queue, task;
@@
+	rxe_get(qp);
 	skb_queue_tail(&qp->queue, skb);
 	rxe_sched_task(&qp->task);
+	rxe_put(qp);
