/**
 * @file cli/detect/job.h
 * What every command of `seine detect` does around its detector: options that all have, messages in, rows out.
 */
#ifndef SEINE_CLI_DETECT_JOB_H
#define SEINE_CLI_DETECT_JOB_H

#include "cli/cli.h"
#include "cli/dataset_choice.h"
#include "cli/detect/fixes.h"

#define SEINE_DETECT_INPUT_OPTION                                                                                  \
    {                                                                                                              \
        .name = "input", .letter = 'i', .kind = SEINE_OPTION_TEXTS, .metavar = "FILE",                             \
        .help = "messages: JSON, JSON Lines, CSV (also .gz, .zst) or Parquet; - is standard input; more than one " \
                "are merged"                                                                                       \
    }
/** Of files that are read as `seine ingest` reads them. */
#define SEINE_DETECT_DATASET_OPTIONS                                                                          \
    {.name = "dataset",                                                                                       \
     .kind = SEINE_OPTION_TEXT,                                                                               \
     .metavar = "NAME|FILE",                                                                                  \
     .help = "read the files as this dataset, as an ingest would: one of seine dataset ls, or a description " \
             "(.yaml). Not given: messages as above"},                                                        \
        SEINE_DATASET_SETTINGS_OPTION
#define SEINE_DETECT_FORMAT_OPTION                                                         \
    {                                                                                      \
        .name = "format", .kind = SEINE_OPTION_TEXT, .metavar = "FORMAT",                  \
        .help = "jsonl, csv or parquet (default: by the ending of the output, else jsonl)" \
    }
#define SEINE_DETECT_SSVIDS_OPTION \
    { .name = "ssvids", .kind = SEINE_OPTION_LIST, .metavar = "ID,…", .help = "only these movers" }
#define SEINE_DETECT_CONFIG_OPTION                                                          \
    {                                                                                       \
        .name = "config-file", .letter = 'c', .kind = SEINE_OPTION_TEXT, .metavar = "FILE", \
        .help = "YAML or JSON file of these options, weaker than the command line"          \
    }
#define SEINE_DETECT_MEMORY_OPTION                                                                        \
    {                                                                                                     \
        .name = "max-memory", .kind = SEINE_OPTION_INT, .metavar = "MIB", .fallback = "4096", .least = 1, \
        .most = 1048576, .setting = true, .help = "messages and stored gaps that take more are refused"   \
    }

/** What one run reads and writes. Zeroed with its args is ready; end it in every case. */
typedef struct seine_detect_job {
    seine_args *args;
    seine_arena arena;
    const char *const *inputs;
    size_t input_count;
    const char *output;
    seine_detect_format format;
    seine_detect detect;
    seine_pace pace;
    seine_detect_memory memory;
    seine_detect_text *texts; /* of inputs */
    seine_detect_fixes fixes; /* in their stead, where there is a dataset */
} seine_detect_job;

/**
 * Reads the inputs, the dataset, the movers and the memory. @p other: a further input, which may be NULL.
 * @return OK, E_USAGE (no input; two from standard input), what finding the dataset returned.
 */
SEINE_MUST_USE seine_status seine_detect_job_options(seine_detect_job *job, const char *other, seine_error *error);
/** The option; where it is not given what the dataset says, unless that is 0. */
double seine_detect_job_limit(const seine_detect_job *job, const char *option, double of_dataset);
/** Chooses the form of job->output. @return OK, E_USAGE. */
SEINE_MUST_USE seine_status seine_detect_job_format(seine_detect_job *job, seine_error *error);
/** Whether the files are of a dataset; then it is known. */
static inline const seine_dataset *seine_detect_job_dataset(const seine_detect_job *job) { return job->fixes.dataset; }
/**
 * Tells, of the files of a dataset, on standard error what was refused, by reason, and what was not taken.
 */
void seine_detect_job_tell(const seine_detect_job *job);
/** The same as fields: rows, duplicates, refused. */
void seine_detect_job_put(const seine_detect_job *job, seine_json_writer *w);
/**
 * Reads all messages, with further fields. @p row_bytes: what the run needs beside them for each.
 * @return OK, what reading returned.
 */
SEINE_MUST_USE seine_status seine_detect_job_messages(seine_detect_job *job, const seine_messages_field *fields,
                                                      size_t field_count, size_t row_bytes, seine_error *error);
void seine_detect_job_end(seine_detect_job *job);

/** What is a detector's own in a command with one output. */
typedef struct seine_detect_command {
    seine_detect_kind kind;
    const seine_messages_field *fields;
    size_t field_count, row_bytes; /* as of seine_detect_job_messages */
    /** How many of the fields, the first, the options ask for; NULL = all. */
    size_t (*fields_asked)(const seine_detect_options *options);
    /** Refuses what the dataset lacks, if there is one. @return OK, E_USAGE. */
    seine_status (*check_dataset)(const seine_detect_job *job, seine_error *error);
    /** Reads the detector's options. @return OK, E_USAGE. */
    seine_status (*read_rules)(seine_detect_job *job, seine_error *error);
    seine_status (*run)(seine_detect *detect, seine_error *error);
    void (*warn)(const seine_detect_job *job); /**< what is told of either form first; NULL = nothing */
    /** The remark of what was done; @p arrow and @p output stand at its end. */
    void (*note)(const seine_detect_job *job, const char *arrow, const char *output);
    /** The same as fields of an object. */
    void (*put)(const seine_detect_job *job, seine_json_writer *w);
} seine_detect_command;

/** Options, messages, detector, rows, and what was done. @return OK, what one of them returned. */
SEINE_MUST_USE seine_status seine_detect_job_run(seine_args *args, const seine_detect_command *command,
                                                 seine_error *error);

#endif
