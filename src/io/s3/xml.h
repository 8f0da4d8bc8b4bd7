/**
 * @file io/s3/xml.h
 * The XML of S3's answers, element by element: no attributes, no entities but the five of XML and characters by number,
 * no DTD. Bounded by what it is given; never reads beyond it. Pure.
 */
#ifndef SEINE_IO_S3_XML_H
#define SEINE_IO_S3_XML_H

#include "base/arena.h"

#define SEINE_XML_DEEPEST 16

/** A document being read. Begin with {.text = …}. */
typedef struct seine_xml {
    seine_str text;
    size_t pos;
    size_t depth;
    seine_str open[SEINE_XML_DEEPEST]; /**< names of the elements around, outermost first, without their prefix */
} seine_xml;

/** An element that ended. */
typedef struct seine_xml_element {
    seine_str name;
    seine_str text;   /**< as written: what stands between its last tag and its end */
    seine_str parent; /**< name of the element around it; empty for the outermost */
} seine_xml_element;

/**
 * The next element that ends. *element.name empty: the document is over.
 * @return OK, E_FORMAT (no XML as described, tags that do not match), E_LIMIT (SEINE_XML_DEEPEST).
 */
SEINE_MUST_USE seine_status seine_xml_next(seine_xml *xml, seine_xml_element *element);

/** Text with its entities replaced. @return in @p arena; NULL when out of memory. Unknown ones stay. */
char *seine_xml_text(seine_str text, seine_arena *arena);

/** First element of a name anywhere in the document. @return its text, empty when there is none or it is no XML. */
seine_str seine_xml_find(seine_str document, const char *name);

#endif
