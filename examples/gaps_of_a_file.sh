#!/usr/bin/env bash
# Gaps without a lake: position messages in, gap events out, then the open ones closed by the next day's messages.
# Usage: examples/gaps_of_a_file.sh [WORK FOLDER]     `seine` must be on the PATH.
set -euo pipefail
work=${1:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"

# write DAY FIRST LAST: a message an hour of one vessel, hours counted from 2025-01-01T00:00:00Z.
write() {
    local hour
    for ((hour = $2; hour <= $3; hour++)); do
        printf '{"ssvid": "366000001", "timestamp": %d, "lat": 33.7, "lon": -118.%d, "receiver_type": "terrestrial"}\n' \
            $((1735689600 + hour * 3600)) $((200 + hour * 10))
    done >"$1"
}
write day1.jsonl 0 6
write day2.jsonl 29 47

# The first day ends in silence: an open gap from 06:00 on.
seine detect gaps -i day1.jsonl --date-range 2025-01-01,2025-01-02 -o gaps1.jsonl
cat gaps1.jsonl

# The first message of the second day closes it: the same gap_id, a later version.
seine detect gaps -i day2.jsonl -s gaps1.jsonl --date-range 2025-01-02,2025-01-03 -o gaps2.jsonl
cat gaps2.jsonl

# Both days at once, with the settings from a file, as a table.
printf 'min-gap-length: 6\nn-hours-before: 24\n' >gaps.yaml
cat day1.jsonl day2.jsonl | seine detect gaps -c gaps.yaml -i - --format csv -o -
