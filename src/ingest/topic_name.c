#include "ingest/topic_name.h"

#include "base/number.h"

#include <inttypes.h>

char *seine_topic_name_make(const seine_record_run *run, seine_arena *arena) {
    return seine_arena_printf(arena, "%s-%d@%019" PRId64, run->topic, (int)run->partition, run->records[0].offset);
}

/* The last @ and the last - before it part them: a topic may have a -, and no @. */
bool seine_topic_name_parse(seine_str text, seine_topic_name *name) {
    const char *end = text.data + text.size, *at = text.size == 0 ? NULL : memrchr(text.data, '@', text.size);
    const char *dash = at == NULL || at == text.data ? NULL : memrchr(text.data, '-', (size_t)(at - text.data));
    if (dash == NULL || dash == text.data) return false;
    name->topic = (seine_str){text.data, (size_t)(dash - text.data)};
    return seine_integer_parse((seine_str){dash + 1, (size_t)(at - dash - 1)}, &name->partition) &&
           seine_integer_parse((seine_str){at + 1, (size_t)(end - at - 1)}, &name->first);
}

bool seine_topic_name_is_of(seine_str text, const char *topic, int32_t partition) {
    seine_topic_name name;
    return seine_topic_name_parse(text, &name) && name.partition == partition &&
           seine_str_equal(name.topic, seine_str_of(topic));
}
