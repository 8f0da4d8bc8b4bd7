/* links: io base */
/* Answers of an object store: any bytes end in a status, and what is read of a page lies within it. */
#include "io/s3/listing.h"
#include "io/s3/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static seine_status visit(void *context, const seine_object *object, seine_error *error) {
    (void)error;
    *(size_t *)context += strlen(object->key) + (object->upload != NULL ? strlen(object->upload) : 0);
    return SEINE_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const seine_str text = {(const char *)data, size};
    seine_arena arena = {0};
    seine_s3_page page;
    size_t bytes = 0;
    if (seine_s3_page_read(text, &arena, &page, visit, &bytes, NULL) == SEINE_OK && page.next != NULL)
        bytes += strlen(page.next);
    (void)seine_xml_find(text, "Code");
    seine_arena_free(&arena);
    return 0;
}
