/* SPDX-License-Identifier: Apache-2.0
 *
 * The world of one seed: what the seed chose, its clock, the rows that go in and those that came
 * out, and the loop over seeds. Always true: a seed that fails is named, and run alone by
 * SLUICE_SEED. */
#ifndef TESTS_SIM_SUPPORT_SIM_H
#define TESTS_SIM_SUPPORT_SIM_H

#include <pthread.h>

#include "sluice/engine.h"

enum {
    SIM_SPLITS_MAX = 6,
    SIM_INPUTS_MAX = 2,
    SIM_FIELDS_MAX = 10,
    SIM_WORKERS_MAX = 4,
    SIM_COMPLAINT_BYTES = 1024,
    SIM_TEXT_BYTES = 64
};

/* Columns of every input: id BIGINT, key BIGINT, value BIGINT (may be NULL), time TIMESTAMP(3),
 * mark TIMESTAMP(3) (what WATERMARK FOR computes), text VARCHAR. */
enum sim_column { SIM_ID, SIM_KEY, SIM_VALUE, SIM_TIME, SIM_MARK, SIM_TEXT, SIM_COLUMN_COUNT };

struct sim_row {
    enum sl_row_kind kind;
    bool value_is_null;
    int64_t id; /* text is sim_text of it */
    int64_t key;
    int64_t value;
    int64_t time;
    int64_t mark;
};

struct sim_split {
    struct sim_row *rows;
    uint32_t count;
    uint32_t capacity;
};

struct sim_input {
    struct sim_split splits[SIM_SPLITS_MAX];
    uint32_t split_count;
};

/* What toys tell: sums, by sim_tell. */
enum sim_tell {
    SIM_TELL_DEVICE_FAILURES, /* that the offload operator has seen */
    SIM_TELL_REORDERED,       /* answers that came before an earlier question's */
    SIM_TELL_BARRIERS,        /* aligned where a diamond meets */
    SIM_TELL_COUNT
};

/* A row that a sink took or that the reference expects, column by column. */
struct sim_record {
    int64_t fields[SIM_FIELDS_MAX];
    uint32_t null_mask;
    int32_t weight; /* +1 or -1 by its kind; sums once materialised */
    int64_t epoch;  /* of the sink that commits by epoch */
};

struct sim_records {
    struct sim_record *items;
    uint32_t count;
    uint32_t capacity;
};

/* One seed's world. Toys on several workers share it: `taken` and what stands behind it under
 * lock. */
struct sim {
    const char *proof;
    uint64_t seed;
    struct sl_random random;
    /* chosen by sim_choose; a proof may change them */
    uint32_t worker_count;
    uint32_t ring_slots;
    uint32_t batch_rows;
    uint32_t block_permille;   /* of toys' calls that answer BLOCKED */
    uint32_t block_calls;      /* most calls in a row that do */
    uint32_t unarmed_permille; /* of them arm no wake-up */
    int64_t interval_ms;       /* between checkpoints; 0 = none but the last */
    struct sim_input inputs[SIM_INPUTS_MAX];
    bool quiet;           /* inputs come in bursts; the next one when all rows came out */
    uint32_t burst_rows;  /* of each split */
    bool never_ends;      /* after its last row a source waits for ever */
    int64_t rows_to_stop; /* the sink stops the query when it has taken so many; 0 = never */
    /* the world */
    struct sl_clock clock;
    struct sl_log log;
    struct sl_io *io; /* NULL = the machine's */
    const struct sl_builtins *builtins;
    int64_t now_us;       /* atomic */
    uint64_t clock_reads; /* atomic */
    struct sl_query *query;
    int64_t burst; /* atomic: bursts that may be read */
    int burst_fds[SIM_INPUTS_MAX][SIM_WORKERS_MAX];
    pthread_mutex_t lock;
    struct sim_records taken;
    bool transactional;          /* rows are taken when their epoch is committed */
    struct sim_records prepared; /* by epoch; outlives a crash */
    int64_t faults_after; /* atomic: the sink fails when it has counted down to 0; -1 = never */
    bool fault_is_stop;   /* and stops the query at once instead */
    uint32_t fault_count; /* atomic: faults and stops by the sink so far */
    uint32_t attempt;     /* runs of the query before this one */
    struct sl_query_stats stats; /* of the last run */
    struct sl_error error;       /* of the last run */
    int64_t metric;              /* of the last run: the sum of metric_name */
    const char *metric_name;
    int64_t told[SIM_TELL_COUNT]; /* atomic; what the toys of one proof tell it */
    char complaint[SIM_COMPLAINT_BYTES];
    char log_line[SIM_COMPLAINT_BYTES]; /* the last warning */
};

typedef void sim_proof(struct sim *sim);

/* Runs the proof once a seed (SLUICE_SEEDS of them, 1,000 if unset; SLUICE_SEED: that one alone) as
 * one cmocka test. */
int sim_main(const char *name, sim_proof *proof);
/* For a proof that costs as much as so many others: runs that part of the seeds, at least one. */
int sim_main_costly(const char *name, sim_proof *proof, uint64_t cost);

/* Keeps the first complaint; the seed has then failed. From any thread. */
void sim_complain(struct sim *sim, const char *format, ...) SL_PRINTF(2, 3);
void sim_tell(struct sim *sim, enum sim_tell what, int64_t delta);
/* Some row moved: the watchdog starts anew. From any thread. */
void sim_progress(void);

/* Uniform in [low, high]. */
int64_t sim_between(struct sim *sim, int64_t low, int64_t high);
bool sim_chance(struct sim *sim, uint32_t permille);
/* Draws workers, batch_rows, ring_slots, blocking and the interval of checkpoints. */
void sim_choose(struct sim *sim, uint32_t workers_max);

/* A toy's own dice: whether a call is to answer BLOCKED, with a wake-up armed. */
struct sim_dice {
    struct sim *sim;
    struct sl_env *env;
    struct sl_random random;
    uint32_t blocked_calls; /* that are still to come */
};
enum { SIM_DICE_TOKEN = 77 };
void sim_dice_init(struct sim_dice *dice, struct sl_env *env);
enum sl_status sim_dice_blocks(struct sim_dice *dice, bool *blocks, struct sl_error *err);
uint64_t sim_dice_below(struct sim_dice *dice, uint64_t bound);

/* input.c: fills the input with splits of so many rows in all; keys below key_count, event time
 * disordered by at most 50 ms, marks never late. changelog: entities that are inserted, updated
 * (-U +U) and deleted. */
void sim_fill_input(struct sim *sim, uint32_t input, uint32_t row_count, uint32_t key_count,
                    bool changelog);
extern const struct sl_schema sim_schema;
extern const struct sl_connector_def sim_source_connector; /* "sim" */
/* The text column of a row: short or long by its id. Returns its length. */
size_t sim_text(int64_t id, char text[SIM_TEXT_BYTES]);

/* records.c */
void sim_records_add(struct sim_records *records, const struct sim_record *record);
void sim_records_free(struct sim_records *records);
/* The record of an input row, with its weight. */
struct sim_record sim_record_of(const struct sim_row *row);
/* The record of a row of a batch; texts become the id that they were made of. */
struct sim_record sim_record_read(struct sim *sim, const struct sl_batch *batch, uint32_t row);
/* Sorts, and adds up the weights of equal records; those of weight 0 are left out. */
void sim_records_materialise(struct sim_records *records);
/* Every row of an input that wanted (NULL = all) says yes to, weight times; as sim_record_of makes
 * it, then changed by extend (may be NULL). */
struct sim_records sim_records_of_input(struct sim *sim, uint32_t input, int32_t weight,
                                        bool (*wanted)(const struct sim_row *row),
                                        void (*extend)(struct sim_record *record));
/* Complains unless both are the same multiset; materialises both. */
void sim_expect(struct sim *sim, struct sim_records *taken, struct sim_records *expected);

/* sink.c: "sim" takes rows to sim->taken. */
extern const struct sl_sink_def sim_sink;

/* plan.c */
enum { SIM_NODES_MAX = 20, SIM_PARAMS_MAX = 10, SIM_SETTINGS_MAX = 6 };
struct sim_plan {
    struct sl_plan plan;
    struct sl_plan_node nodes[SIM_NODES_MAX];
    uint32_t inputs[SIM_NODES_MAX][2];
    struct sl_param params[SIM_NODES_MAX][SIM_PARAMS_MAX];
    struct sl_option settings[SIM_SETTINGS_MAX];
    char interval[32];
    struct sim *sim;
};
void sim_plan_init(struct sim_plan *plan, struct sim *sim);
void sim_set(struct sim_plan *plan, const char *name, const char *value);
/* Adds a node behind first and second (-1 = none); its output has first's schema until set. Every
 * node has the world as parameter "sim". */
int sim_add(struct sim_plan *plan, const char *kind, int first, int second);
struct sl_param *sim_param(struct sim_plan *plan, int node, const char *name,
                           enum sl_param_kind kind);
int sim_add_source(struct sim_plan *plan, uint32_t input);
int sim_add_watermark(struct sim_plan *plan, int input);
/* By hash of the key column; key < 0: to one worker. */
int sim_add_exchange(struct sim_plan *plan, int input, int32_t key);
/* The last field of what a sink takes says which sink it was. */
enum { SIM_TAG_FIELD = SIM_FIELDS_MAX - 1 };
void sim_tag_sink(struct sim_plan *plan, int sink, int64_t tag);
/* aggregates.c: the real aggregates over key; local half, exchange, global half. Windows emit key,
 * COUNT(*), SUM, MIN and MAX of value, window_start, window_end, window_time; groups key, COUNT(*),
 * SUM, COUNT of value. size = slide: TUMBLE. */
int sim_add_window(struct sim_plan *plan, int input, int64_t size_ms, int64_t slide_ms);
int sim_add_group(struct sim_plan *plan, int input);
struct sim_records sim_window_reference(struct sim *sim, uint32_t input, int64_t size_ms,
                                        int64_t slide_ms);
struct sim_records sim_group_reference(struct sim *sim, uint32_t input);
/* ordered: rows of a split must arrive at an instance in their order. */
int sim_add_sink(struct sim_plan *plan, int input, bool ordered);
/* A filter value > 0: the real one (device NULL), or the real offload operator. */
int sim_add_filter(struct sim_plan *plan, int input, const char *device, int64_t in_flight);
int sim_add_lookup(struct sim_plan *plan, int input);
/* A row of random length of passes and, if may_cross, exchanges. */
int sim_add_chain(struct sim_plan *plan, int input, bool may_cross);
/* Where two branches meet. */
int sim_add_meet(struct sim_plan *plan, int left, int right, bool symmetric);
/* job.c: windows and groups over a lookup, or a join of changelogs, over inputs of rows_min to
 * rows_max rows; adds what must come out to expected. */
void sim_add_job(struct sim_plan *plan, uint32_t rows_min, uint32_t rows_max,
                 struct sim_records *expected);
struct sim *sim_of(const struct sl_env *env);
/* Runs the plan once, with sim's choices. Complains of a failure unless may_fail. */
enum sl_status sim_run(struct sim_plan *plan, const char *resume, bool may_fail);

/* Toy operators:
 * "sim_pass" (1 port): rows as they are, in pieces.
 * "sim_meet" (2 ports): all rows of both. With "symmetric" 1 both ports bring the same rows, and a
 * barrier or the end must find them equal; no row may lie behind the watermark.
 * "sim_join" (2 ports, sim_schema each): inner join on key, updating; state "left", "right".
 * "sim_lookup" (1 port, sim_schema): adds the column answer BIGINT, which arrives late and out of
 * order: by a thread or by the clock. */
extern const struct sl_operator_def sim_pass_operator;
extern const struct sl_operator_def sim_meet_operator;
extern const struct sl_operator_def sim_join_operator;
extern const struct sl_operator_def sim_lookup_operator;
extern const struct sl_schema sim_join_schema;   /* id, key, value, text of the left, then right */
extern const struct sl_schema sim_lookup_schema; /* sim_schema and answer */
int sim_add_join(struct sim_plan *plan, int left, int right);
/* The join of the materialised inputs 0 and 1, as the join's rows. */
struct sim_records sim_join_reference(struct sim *sim);
int64_t sim_lookup_answer(int64_t key, bool value_is_null, int64_t value);

/* device.c: "sim" keeps the rows whose value is greater than 0; late, out of order, until it dies.
 */
extern const struct sl_offload_def sim_device;

/* builtins.c: real operators and functions, the toys of all proofs. */
extern struct sl_builtins sim_builtins;
void sim_builtins_fill(void);

#endif
