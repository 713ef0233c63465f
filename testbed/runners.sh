#!/usr/bin/env bash
# The program on what others recorded, reported and built, where a checkout of it lies beside this one (../shared, or
# $AWS_AUDIT_SHARED): answers of real AWS, its error answers, accounts after bug reports, vulnerable labs. Prints each
# figure, and fails when one is below what it was last.
#
#     testbed/runners.sh [--only real|errors|cases|labs] PATH/aws-audit
set -euo pipefail
testbed=$(cd "$(dirname "$0")" && pwd)
shared=$(realpath -m "${AWS_AUDIT_SHARED:-$testbed/../../shared}")
only=
[ "${1:-}" = --only ] && { only=$2; shift 2; }
[ $# = 1 ] || { sed -n '2,6s/^# \?//p' "$0" >&2; exit 2; }
program=$(realpath "$1")
[ -d "$shared/real" ] || { echo "runners: $shared has no recorded answers: nothing to measure"; exit 0; }

# What is held: right answers, as parts of a thousand. A figure may rise, and is raised here then; it falls only with
# the reason beside it.
HELD_real=999     # all but one: an example of ListAccessKeys from 2010 that tells no CreateDate is a gap, rightly
HELD_errors=1000  # each error answer means what AWS says that it means
HELD_cases=1000   # each verdict agrees with AWS's documentation
HELD_labs=988     # all but one, agentcore_identity_confusion: the emulator does not answer ListCodeInterpreters, and a
                  # role behind one has rights that its principal lacks, so unknown is right

# The testbed's own virtual environment, which the tests make, when it has what the runners import; else one of ours.
modules='import boto3, botocore, moto.server, yaml, awscli, moto.moto_server.werkzeug_app'
python=
for known in "${AWS_AUDIT_VENV:-}" "${XDG_CACHE_HOME:-$HOME/.cache}"/aws-audit/venv-*; do
    if [ -x "$known/bin/python" ] && cmp -s "$known/requirements.installed" "$testbed/requirements.txt" &&
        "$known/bin/python" -c "$modules" 2>/dev/null; then
        python=$known/bin/python
    fi
done
if [ -z "$python" ]; then
    own=${XDG_CACHE_HOME:-$HOME/.cache}/aws-audit/runners
    if ! { [ -x "$own/bin/python" ] && "$own/bin/python" -c "$modules" 2>/dev/null; }; then
        "${PYTHON:-python3}" -m venv --clear "$own"
        "$own/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$testbed/requirements.txt"
    fi
    python=$own/bin/python
fi
# The cases run the AWS CLI by its name.
export PATH="$(dirname "$python"):$PATH"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
failed=()

# NAME, then the command: its last line tells `right of all` or `right/all`.
measure() {
    local name=$1 log=$out/$1.log held=HELD_$1 right all status=0
    [ -z "$only" ] || [ "$only" = "$name" ] || return 0
    shift
    (cd "$out" && "$@") >"$log" 2>"$out/progress.log" || status=$?
    read -r right all < <(grep -oE '[0-9]+( of |/)[0-9]+ (answers read right|error answers understood|agreed|labs agree)' "$log" |
        tail -1 | sed -E 's/^([0-9]+)( of |\/)([0-9]+).*/\1 \3/') || true
    if [ -z "${right:-}" ]; then
        echo "$name: the runner ended with status $status and told no figure"
        tail -n 20 "$log"; tail -n 20 "$out/progress.log"
        failed+=("$name")
        return 0
    fi
    echo "$name: $right of $all"
    if [ $((right * 1000)) -lt $((all * ${!held})) ]; then
        # What it says of each that is wrong.
        grep -v '^right ' "$log" | tail -100
        echo "$name: fewer than ${!held} of a thousand are right"
        failed+=("$name")
    fi
}

measure real "$python" "$shared/real/measure.py" --bin "$program" --out "$out" --shapes \
    --data answers.jsonl.gz more.jsonl.gz examples.jsonl.gz wire.jsonl.gz
measure errors "$python" "$shared/real/measure_errors.py" --bin "$program" --out "$out"
measure cases "$python" "$shared/cases/run.py" "$program"
measure labs "$python" "$shared/labs/run.py" --bin "$program"
[ ${#failed[@]} = 0 ] || { echo "runners: ${failed[*]}"; exit 1; }
