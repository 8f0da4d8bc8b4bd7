#!/usr/bin/env bash
# Late and corrected archives: what a lake does when days come in the wrong order, twice, or with other bytes.
# Usage: examples/late_and_replaced_days.sh [WORK FOLDER]     `seine` must be on the PATH.
set -euo pipefail
work=${1:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"

count_gaps() {
    seine sql --lake lake --format csv "SELECT count(*) FILTER (is_closed) AS closed,
        count(*) FILTER (NOT is_closed) AS open FROM events.ais_gaps"
}

# Three days of made-up traffic; days/truth.json says what is in them.
seine generate ais --out days --days 3 --vessels 200
seine init lake

# The third day first: silence before it is not known yet.
seine ingest --lake lake days/ais-2025-01-03.csv.zst
seine refresh --lake lake
count_gaps

# The days before it arrive late. Refresh feeds only what changed, and follows each vessel until its state is as before.
seine ingest --lake lake days/ais-2025-01-01.csv.zst days/ais-2025-01-02.csv.zst
seine refresh --lake lake
count_gaps

# The same bytes again are nothing new.
seine ingest --lake lake days/ais-2025-01-02.csv.zst

# NOAA publishes a day again: the same name with other bytes is refused until you say that it replaces the former.
seine generate ais --out again --days 3 --vessels 200 --seed 2
if seine ingest --lake lake again/ais-2025-01-02.csv.zst; then
    echo "this should have been refused" >&2
    exit 1
fi
seine ingest --lake lake --replace again/ais-2025-01-02.csv.zst
seine refresh --lake lake
count_gaps

# What every file became, and the proof that nothing is lost or doubled.
seine source ls --lake lake
seine verify --lake lake
