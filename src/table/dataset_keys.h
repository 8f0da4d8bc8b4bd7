/**
 * @file table/dataset_keys.h  Rows of seine_setting for each dataset: its text and, where it has settings, their
 * values; and what is to be known of columns that were added to it. Internal to src/table.
 */
#ifndef SEINE_TABLE_DATASET_KEYS_H
#define SEINE_TABLE_DATASET_KEYS_H

#define TEXT_KEY "dataset."
#define SETTINGS_KEY "dataset-settings."
#define IDS_KEY "dataset-ids."       /* names of silver's columns by their field ids, once columns were added */
#define REREAD_KEY "dataset-reread." /* silver lacks columns that were added: it is to be made of bronze again */

#endif
