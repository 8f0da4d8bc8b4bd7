/**
 * @file table/dataset_keys.h  Rows of seine_setting for each dataset: its text and, where it has settings, their
 * values. Internal to src/table.
 */
#ifndef SEINE_TABLE_DATASET_KEYS_H
#define SEINE_TABLE_DATASET_KEYS_H

#define TEXT_KEY "dataset."
#define SETTINGS_KEY "dataset-settings."

#endif
