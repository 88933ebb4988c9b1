/* SPDX-License-Identifier: Apache-2.0
 *
 * Learning a shape: one walk over a line that was just decoded, so everything in it is known to be
 * correct. */
#include "json_shape.h"

#include "sluice/datetime.h"

enum { PATIENCE_MIN = 4, PATIENCE_MAX = 1024 };

struct learner {
    struct json_shape *shape;
    const char *text; /* begin of what stands before the next value */
    const char *end;
    struct json_error error; /* never set */
    bool is_too_large;
};

void conn_json_shape_init(struct json_shape *shape)
{
    shape->step_count = 0;
    shape->misses = 0;
    shape->patience = 1;
    shape->period_rows = 0;
    memset(shape->joins, -1, sizeof shape->joins);
    for (uint32_t whole = 0; whole < 16; whole++) {
        for (uint32_t length = whole; length < 16; length++) {
            char *join = shape->joins[whole * 16 + length] + 16;
            for (uint32_t from = length; from > 0; from--) {
                if (from - 1 != whole) { /* the point is left out */
                    *--join = (char)(from - 1);
                }
            }
        }
    }
}

/* ---- learning ---- */

static enum json_step_op op_for(const struct json_field *field, char first)
{
    bool is_string = first == '"';
    if (field == NULL) {
        bool is_number = (first >= '0' && first <= '9') || first == '-';
        return is_string   ? JSON_STEP_SKIP_STRING
               : is_number ? JSON_STEP_SKIP_NUMBER
                           : JSON_STEP_SKIP;
    }
    switch (field->type.id) {
    case SL_TYPE_CHAR:
    case SL_TYPE_VARCHAR:
        return is_string ? JSON_STEP_STRING : JSON_STEP_VALUE;
    case SL_TYPE_BIGINT:
        return JSON_STEP_INT64;
    case SL_TYPE_INT:
        return JSON_STEP_INT32;
    case SL_TYPE_DOUBLE:
        return JSON_STEP_DOUBLE;
    case SL_TYPE_BOOLEAN:
        return JSON_STEP_BOOLEAN;
    case SL_TYPE_TIMESTAMP:
    case SL_TYPE_TIMESTAMP_LTZ:
        return field->type.precision >= 3 ? JSON_STEP_TIMESTAMP : JSON_STEP_VALUE;
    default:
        return JSON_STEP_VALUE;
    }
}

static struct json_step *add_step(struct learner *learner, const char *text, size_t length)
{
    struct json_shape *shape = learner->shape;
    if (shape->step_count == JSON_STEPS_MAX) {
        learner->is_too_large = true;
        shape->step_count = 0;
    }
    struct json_step *step = &shape->steps[shape->step_count++];
    memset(step, 0, sizeof *step);
    memcpy(step->text, text, length);
    step->text_length = (uint32_t)length;
    step->text_mask = (uint32_t)((UINT64_C(1) << length) - 1);
    step->op = JSON_STEP_TEXT;
    return step;
}

/* The steps up to the value at `at`. */
static void add_steps(struct learner *learner, const char *at, enum json_step_op op,
                      struct json_field *field, uint32_t depth)
{
    const char *text = learner->text;
    while (at - text > JSON_STEP_BYTES) {
        add_step(learner, text, JSON_STEP_BYTES);
        text += JSON_STEP_BYTES;
    }
    struct json_step *step = add_step(learner, text, (size_t)(at - text));
    step->op = op;
    step->guesses = op != JSON_STEP_VALUE && op != JSON_STEP_TIMESTAMP && op != JSON_STEP_END;
    step->field = field;
    step->depth = depth;
    if (op == JSON_STEP_TIMESTAMP) {
        step->ticks_per_ms = sl_timestamp_ticks_per_second(field->type.precision) / 1000;
    }
}

static void add_missing(struct learner *learner, struct json_object *object)
{
    struct json_shape *shape = learner->shape;
    for (uint32_t i = 0; i < object->field_count; i++) {
        struct json_field *field = &object->fields[i];
        if (field->seen == object->turn) {
            continue;
        }
        if (shape->missing_count == JSON_MISSING_MAX) {
            learner->is_too_large = true;
            return;
        }
        shape->missing[shape->missing_count++] = field;
    }
}

static const char *learn_object(struct learner *learner, struct json_object *object, const char *at,
                                uint32_t depth);

static const char *learn_value(struct learner *learner, struct json_field *field, const char *at,
                               uint32_t depth)
{
    bool is_object = *at == '{' && (field == NULL || field->type.id == SL_TYPE_ROW);
    if (is_object) {
        return learn_object(learner, field == NULL ? NULL : field->object, at, depth);
    }
    add_steps(learner, at, op_for(field, *at), field, depth);
    learner->text = json_skip_value(at, learner->end, depth, &learner->error);
    return learner->text;
}

/* object = NULL: nobody wants any of it. */
static const char *learn_object(struct learner *learner, struct json_object *object, const char *at,
                                uint32_t depth)
{
    const char *end = learner->end;
    at = json_skip_space(at + 1, end);
    while (*at != '}') {
        struct json_string key;
        at = json_scan_string(at + 1, end, &key, &learner->error);
        at = json_skip_space(at, end);
        at = json_skip_space(at + 1, end);
        int32_t idx = object == NULL ? -1 : conn_json_find_key(object, &key);
        at = learn_value(learner, idx < 0 ? NULL : &object->fields[idx], at, depth + 1);
        at = json_skip_space(at, end);
        if (*at == ',') {
            at = json_skip_space(at + 1, end);
        }
    }
    if (object != NULL) {
        add_missing(learner, object);
    }
    return at + 1;
}

static void learn(struct json_shape *shape, struct json_object *object, const char *at,
                  const char *end)
{
    struct learner learner = {.shape = shape, .text = at, .end = end};
    shape->step_count = 0;
    shape->missing_count = 0;
    learn_object(&learner, object, json_skip_space(at, end), 0);
    add_steps(&learner, end, JSON_STEP_END, NULL, 0);
    if (learner.is_too_large) {
        shape->step_count = 0;
    }
    for (uint32_t i = 1; i < shape->step_count; i++) {
        shape->steps[i - 1].terminator = shape->steps[i].text[0];
    }
}

bool conn_json_shape_miss(struct json_shape *shape, struct json_object *object, const char *at,
                          const char *end)
{
    if (++shape->misses < shape->patience) {
        return false;
    }
    shape->misses = 0;
    shape->patience =
        SL_MIN(SL_MAX(shape->patience * 2, (uint32_t)PATIENCE_MIN), (uint32_t)PATIENCE_MAX);
    learn(shape, object, at, end);
    return shape->step_count > 0;
}

void conn_json_shape_hits(struct json_shape *shape, uint32_t rows)
{
    shape->period_rows += rows;
    if (rows > 0) {
        shape->misses = 0;
    }
    if (rows >= PATIENCE_MIN) {
        shape->patience = PATIENCE_MIN;
    }
}

/* ---- binding ---- */

static void bind_fields(struct json_object *object, struct sl_vector *vectors)
{
    for (uint32_t i = 0; i < object->field_count; i++) {
        struct json_field *field = &object->fields[i];
        field->vector = &vectors[i];
        if (field->object != NULL) {
            bind_fields(field->object, vectors[i].children);
        }
    }
}

void conn_json_shape_bind(struct json_shape *shape, struct json_object *object,
                          struct sl_vector *vectors)
{
    bind_fields(object, vectors);
    conn_json_guess_review(shape);
    for (uint32_t i = 0; i < shape->step_count; i++) {
        struct json_step *step = &shape->steps[i];
        if (step->field != NULL) {
            step->vector = step->field->vector;
            step->data = step->vector->data;
        }
    }
}

json_read_rows *conn_json_read_rows(enum conn_cpu_level level)
{
    return level == CONN_CPU_V4   ? conn_json_read_rows_v4
           : level == CONN_CPU_V3 ? conn_json_read_rows_v3
                                  : conn_json_read_rows_v2;
}
