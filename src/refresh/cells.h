/** @file refresh/cells.h  Where table/cells.h once lay. */
#ifndef SEINE_REFRESH_CELLS_H
#define SEINE_REFRESH_CELLS_H

#include "table/cells.h"

#endif
