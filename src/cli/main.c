/* The program `seine`: the list of commands, in the order of its help. */
#include "cli/cli.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

extern const seine_command seine_cmd_init, seine_cmd_ingest, seine_cmd_refresh, seine_cmd_status;
extern const seine_command seine_cmd_fetch_noaa, seine_cmd_run, seine_cmd_run_noaa;
extern const seine_command seine_cmd_source_ls, seine_cmd_source_show, seine_cmd_source_rm;
extern const seine_command seine_cmd_ref_load, seine_cmd_ref_ls, seine_cmd_ref_show;
extern const seine_command seine_cmd_detect_gaps, seine_cmd_detect_segments, seine_cmd_detect_fishing;
extern const seine_command seine_cmd_generate_ais, seine_cmd_generate_telematics, seine_cmd_generate_weather,
    seine_cmd_generate_port_events;
extern const seine_command seine_cmd_version, seine_cmd_help, seine_cmd_completion;
extern const seine_command seine_cmd_verify, seine_cmd_sql, seine_cmd_relocate, seine_cmd_copy;
extern const seine_command seine_cmd_export_tracks, seine_cmd_report, seine_cmd_trace;
extern const seine_command seine_cmd_serve;
extern const seine_command seine_cmd_dataset_ls, seine_cmd_dataset_show, seine_cmd_dataset_check;
extern const seine_command seine_cmd_dataset_sniff;
extern const seine_command seine_cmd_runs, seine_cmd_runs_show;
extern const seine_command seine_cmd_table_ls, seine_cmd_table_show, seine_cmd_table_history, seine_cmd_table_files;
extern const seine_command seine_cmd_table_orphans, seine_cmd_table_expire, seine_cmd_table_contracts;
extern const seine_command seine_cmd_table_drop, seine_cmd_table_compact, seine_cmd_lake_clear;
extern const seine_command seine_cmd_tasks_plan, seine_cmd_tasks_work, seine_cmd_tasks_commit;
extern const seine_command seine_cmd_graph, seine_cmd_produce, seine_cmd_stream, seine_cmd_stream_status;

/*
 * Batches of rows, row groups and the blocks of the SQL engine come and go by the megabyte. By default each goes back
 * to the kernel, which has to clear it again for the next one: a third of all page faults of a refresh.
 */
static void keep_freed_memory(void) {
#ifdef __GLIBC__
    (void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

int main(int argc, char **argv) {
    static const seine_command *const commands[] = {
        &seine_cmd_init,
        &seine_cmd_fetch_noaa,
        &seine_cmd_run_noaa,
        &seine_cmd_run,
        &seine_cmd_ingest,
        &seine_cmd_refresh,
        &seine_cmd_status,
        &seine_cmd_verify,
        &seine_cmd_source_ls,
        &seine_cmd_source_show,
        &seine_cmd_source_rm,
        &seine_cmd_dataset_ls,
        &seine_cmd_dataset_show,
        &seine_cmd_dataset_check,
        &seine_cmd_dataset_sniff,
        &seine_cmd_sql,
        &seine_cmd_table_ls,
        &seine_cmd_table_show,
        &seine_cmd_table_history,
        &seine_cmd_table_files,
        &seine_cmd_table_orphans,
        &seine_cmd_table_expire,
        &seine_cmd_table_compact,
        &seine_cmd_table_contracts,
        &seine_cmd_table_drop,
        &seine_cmd_detect_gaps,
        &seine_cmd_detect_segments,
        &seine_cmd_detect_fishing,
        &seine_cmd_generate_ais,
        &seine_cmd_completion,
        &seine_cmd_version,
        &seine_cmd_help,
        &seine_cmd_runs_show,
        &seine_cmd_runs,
        &seine_cmd_export_tracks,
        &seine_cmd_report,
        &seine_cmd_trace,
        &seine_cmd_copy,
        &seine_cmd_relocate,
        &seine_cmd_serve,
        &seine_cmd_ref_load,
        &seine_cmd_ref_ls,
        &seine_cmd_ref_show,
        &seine_cmd_generate_telematics,
        &seine_cmd_lake_clear,
        &seine_cmd_graph,
        &seine_cmd_tasks_plan,
        &seine_cmd_tasks_work,
        &seine_cmd_tasks_commit,
        &seine_cmd_produce,
        &seine_cmd_stream_status,
        &seine_cmd_stream,
        &seine_cmd_generate_weather,
        &seine_cmd_generate_port_events,
    };
    keep_freed_memory();
    return seine_cli_main(argc, argv, commands, sizeof commands / sizeof *commands);
}
