/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 6. A device that runs plan fragments. The planner asks supports and estimate; the offload
 * operator submits batches, keeps several in flight, emits in order, and runs a batch on the CPU
 * when the device fails it. No device keeps state past a submission. */
#ifndef SLUICE_OFFLOAD_H
#define SLUICE_OFFLOAD_H

#include "sluice/operator.h"

SL_EXTERN_C_BEGIN

struct sl_offload_estimate {
    double device_ns_per_row;
    double cpu_ns_per_row;
    uint64_t minimum_batch_bytes; /* below it the CPU is quicker */
};

struct sl_offload_def {
    const char *name; /* "golden", "sim", "xrt" */
    enum sl_status (*open)(struct sl_env *env, void **device, struct sl_error *err);
    /* Pure. Whether the node can run on the device; *reason is static text when not. */
    bool (*supports)(const struct sl_plan *plan, const struct sl_plan_node *node,
                     const char **reason);
    struct sl_offload_estimate (*estimate)(const struct sl_plan *plan,
                                           const struct sl_plan_node *node);
    /* Compiles the fragment into tables and microcode. */
    enum sl_status (*load)(void *device, const struct sl_plan *plan,
                           const struct sl_plan_node *node, void **fragment, struct sl_error *err);
    /* Starts a batch, which stays valid and unchanged until finish; *ticket names it. BLOCKED = all
     * queues are full. */
    enum sl_status (*submit)(void *fragment, const struct sl_batch *in, uint64_t *ticket,
                             enum sl_flow *flow, struct sl_error *err);
    /* DONE: the result (a selection of the input rows, ascending) is in selection, which has
     * room for all of them, and *selected_count. BLOCKED: not finished; the fd of wake_fd becomes
     * readable. A failed status is the device's failure: the caller runs that batch on the CPU.
     * Tickets may finish in any order. */
    enum sl_status (*finish)(void *fragment, uint64_t ticket, uint16_t *selection,
                             uint32_t *selected_count, enum sl_flow *flow, struct sl_error *err);
    /* Readable as long as some ticket has finished, or the device has failed, and finish has not
     * told it yet: finish may be asked for any ticket, so no single call can be what clears it. -1
     * = poll by timer. */
    int (*wake_fd)(void *device);
    /* Also with tickets in flight, which end there: afterwards the device reads and writes none of
     * their memory. */
    void (*unload)(void *fragment);
    void (*close)(void *device);
};

SL_EXTERN_C_END

#endif
