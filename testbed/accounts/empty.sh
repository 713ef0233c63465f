#!/usr/bin/env bash
# Account: 777788889999
# Nothing has ever been made here; what there is, AWS made.
set -euo pipefail
