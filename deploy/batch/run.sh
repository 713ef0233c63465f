#!/usr/bin/env bash
# A run on AWS Batch: a job for the plan, an array job with a child for each account, and a job that merges.
#
#     deploy/batch/run.sh BUCKET [RUN]
#
# BUCKET is that of hub.yaml. A RUN that failed in part is given again by its name: children that have their report
# already are done at once.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,7s/^# \?//p' "$0" >&2; exit 2; }
bucket=$1
run=${2:-$(date -u +%Y-%m-%dT%H%M%SZ)}
destination=s3://$bucket/runs/$run

# Name, command, JSON of more variables (or nothing), more arguments.
submit() {
    local name=$1 command=$2 variables=$3
    shift 3
    aws batch submit-job --job-name "aws-audit-$name" --job-queue aws-audit --job-definition aws-audit \
        --container-overrides "{\"command\": [\"$command\"], \"environment\": [{\"name\": \"AWS_AUDIT_DESTINATION\", \"value\": \"$destination\"}$variables]}" \
        --query jobId --output text "$@"
}

ended() { # the job: waits, and tells how it ended
    local status
    while :; do
        status=$(aws batch describe-jobs --jobs "$1" --query 'jobs[0].status' --output text)
        case $status in
            SUCCEEDED | FAILED) echo "$status" && return ;;
        esac
        sleep "${AWS_AUDIT_POLL:-15}"
    done
}

# A plan that is there is kept: its lines are what children are numbered by.
plan=$(submit plan plan "")
[ "$(ended "$plan")" = SUCCEEDED ] || { echo "the plan failed: see the log of job $plan" >&2; exit 1; }
accounts=$(aws s3 cp "$destination/plan.jsonl" - | wc -l)
echo "$accounts accounts, $destination"

# An array has 2 to 10,000 children (AWS Batch User Guide, "Array jobs").
if [ "$accounts" -gt 10000 ]; then
    echo "more accounts than an array job takes: make a run for each --ou (AWS_AUDIT_PLAN_ARGUMENTS)" >&2
    exit 2
elif [ "$accounts" -gt 1 ]; then
    job=$(submit accounts worker "" --array-properties "size=$accounts")
else
    job=$(submit accounts worker ', {"name": "JOB_COMPLETION_INDEX", "value": "0"}')
fi
echo "accounts: job $job"
# Accounts that failed are gaps of the report; what is there is merged all the same.
[ "$(ended "$job")" = SUCCEEDED ] ||
    echo "some accounts failed: aws batch list-jobs --array-job-id $job --job-status FAILED" >&2
merge=$(submit merge merge "")
[ "$(ended "$merge")" = SUCCEEDED ] || { echo "the merge failed: see the log of job $merge" >&2; exit 1; }
echo "$destination/organization.json"
