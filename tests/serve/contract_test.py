#!/usr/bin/env python3
"""The API against its own OpenAPI document, with requests that schemathesis makes up: right ones and wrong ones."""
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import FULL
from harness.server import serving
from harness.tap import Skip, main, shared
from small_lake import made_once

TOOL = Path(sys.executable).with_name("schemathesis")
# Every answer is of a documented status, type and shape; no failure of the server; wrong values are refused.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection"
SECONDS = "30" if FULL else "15"


def made_up_requests_get_documented_answers(folder):
    if not TOOL.exists():
        raise Skip("schemathesis is not installed")
    Path(folder, "schemathesis.toml").write_text("[checks.negative_data_rejection]\n"
                                                 'expected-statuses = [400, 404, 406, 414]\n', encoding="utf-8")
    with serving(folder, "--rate", "0") as server:
        result = subprocess.run([TOOL, "run", f"http://127.0.0.1:{server.port}/openapi.json", "--checks", CHECKS, "--phases",
                                 "coverage,fuzzing", "--exclude-path", "/api/v1/live",  # has no end: live_test
                                 "--max-examples", "10", "--seed", "1", "--max-time", SECONDS, "--no-color"],
                                cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-1000:]


if __name__ == "__main__":
    main([made_up_requests_get_documented_answers], shared(made_once()))
