/**
 * @file decode/xml.h
 * XML 1.0 in UTF-8, piece by piece, as far as files of positions need it: elements, attributes, text, CDATA, the five
 * entities and character references; comments and instructions are passed over. Elements must be nested well. A
 * document type is refused: nothing is meant by it here, and entities of one are how a small file becomes a large one.
 * Pure; safe on any bytes; work grows as the bytes do.
 */
#ifndef SEINE_DECODE_XML_H
#define SEINE_DECODE_XML_H

#include "base/buf.h"
#include "base/try.h"

#define SEINE_XML_DEEPEST 64
#define SEINE_XML_TOKEN_MAX_BYTES ((size_t)1 << 20) /**< of a tag, a text, a comment */
#define SEINE_XML_ATTRIBUTES_MAX 64

typedef struct seine_xml_attribute {
    seine_str name, value; /**< value: entities resolved */
} seine_xml_attribute;

/** What a reader does with what stands there. Names are without namespace prefix; all borrowed. A failure ends it. */
typedef struct seine_xml_sink {
    seine_status (*start)(void *context, seine_str name, const seine_xml_attribute *attributes, size_t count,
                          seine_error *error);
    seine_status (*text)(void *context, seine_str text, seine_error *error); /**< maybe in parts */
    seine_status (*end)(void *context, seine_str name, seine_error *error);
    void *context;
} seine_xml_sink;

typedef struct seine_xml seine_xml;
/** @return NULL when out of memory. */
seine_xml *seine_xml_new(const seine_xml_sink *sink);
void seine_xml_free(seine_xml *xml);
/**
 * Takes the next bytes; @p size 0 = the document ends here.
 * @return OK; E_FORMAT (also what is not UTF-8), E_UNSUPPORTED (another encoding), E_LIMIT "line 12: …", what the sink
 * returned; E_NOMEM. After a failure only free is allowed.
 */
SEINE_MUST_USE seine_status seine_xml_take(seine_xml *xml, const void *bytes, size_t size, seine_error *error);

#endif
