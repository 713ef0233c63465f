#!/bin/bash
# What a container of an engine does: one of
#
#     organization   every account in this one process, then the organisation's report
#     plan           the list of accounts, one a line
#     worker         the account of one line of the plan: line AWS_BATCH_JOB_ARRAY_INDEX or JOB_COMPLETION_INDEX, from 0
#     merge          the organisation's report, from the reports of all workers
#
# AWS_AUDIT_DESTINATION     where plan and reports are, e.g. s3://BUCKET/runs/2026-11-28; each run its own. A run that is
#                           given again goes on: accounts that have a report are done.
# AWS_AUDIT_ROLE            name of the role in every account (default: aws-audit)
# AWS_AUDIT_PLAN_ARGUMENTS  which accounts and regions, e.g. --ou Workloads --regions eu-west-1
# AWS_AUDIT_ARGUMENTS       what to scan, e.g. --framework cis-6.0; words are separated by spaces, none can contain one
#
# Exit code 0 means that the reports are written, whatever they say: findings do not go away when an engine runs it again.
# A worker without a report exits with 3, and the reason is where the report would be.
set -euo pipefail

destination=${AWS_AUDIT_DESTINATION:?say where the reports go, e.g. s3://BUCKET/runs/2026-11-28}
destination=${destination%/}
role=${AWS_AUDIT_ROLE:-aws-audit}
read -r -a which <<< "${AWS_AUDIT_PLAN_ARGUMENTS:-}"
read -r -a what <<< "${AWS_AUDIT_ARGUMENTS:-}"
work=$(mktemp -d "${PWD%/}/run.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/accounts"
plan=$work/plan.jsonl

# Starts the program, hands on signals, and waits until it has ended: on Ctrl-C it still writes what it has read.
run() {
    local code=0
    "$@" &
    local child=$!
    trap 'kill -INT "$child" 2> /dev/null || true' INT TERM
    wait "$child" || code=$?
    while kill -0 "$child" 2> /dev/null; do
        code=0
        wait "$child" || code=$?
    done
    trap - INT TERM
    echo "aws-audit exited with $code" >&2
    return "$code"
}

there() { aws s3 ls "$destination/$1" > /dev/null; }
get() { aws s3 cp --only-show-errors --recursive "$destination/" "$work"; }
put() { aws s3 cp --only-show-errors --recursive "$work" "$destination/"; }

# The account of the line of the plan that this job is about.
account() {
    local index=${AWS_BATCH_JOB_ARRAY_INDEX:-${JOB_COMPLETION_INDEX:?which line of the plan? it is not set}}
    sed -n "$((index + 1))p" "$plan" | sed -n 's/.*"account": *"\([0-9]\{12\}\)".*/\1/p'
}

code=0
case ${1:-organization} in
    organization)
        if there plan.jsonl; then
            get
            run aws-audit scan --resume "$work" "${what[@]}" || code=$?
        else
            run aws-audit scan --organization --role-name "$role" --output-dir "$work" "${which[@]}" "${what[@]}" ||
                code=$?
        fi
        put
        ;;
    plan)
        # Children are numbered by the lines of a plan: one that is there stays.
        if ! there plan.jsonl; then
            run aws-audit org plan --organization --role-name "$role" --output "$plan" "${which[@]}"
            put
        fi
        ;;
    worker)
        aws s3 cp --only-show-errors "$destination/plan.jsonl" "$plan"
        # The organization's control policies, which the plan's job asked for once.
        if there plan.policies.json; then
            aws s3 cp --only-show-errors "$destination/plan.policies.json" "$work/plan.policies.json"
        fi
        account=$(account)
        if [ -n "$account" ] && there "accounts/$account.json"; then
            echo "account $account has a report in $destination" >&2
            exit 0
        fi
        run aws-audit org worker --plan "$plan" --output-dir "$work" "${what[@]}" || code=$?
        aws s3 cp --only-show-errors --recursive "$work/accounts" "$destination/accounts/"
        exit "$code"
        ;;
    merge)
        get
        # Why there was no report at first, where there is one by now.
        for gap in "$work"/accounts/*.gap.json; do
            [ ! -e "${gap%.gap.json}.json" ] || rm -f "$gap"
        done
        rm -f "$work/organization.json"
        run aws-audit merge "$work" || code=$?
        aws s3 cp --only-show-errors "$work/organization.json" "$destination/organization.json"
        ;;
    *)
        sed -n '2,18s/^# \?//p' "$0" >&2
        exit 2
        ;;
esac
# 1: something was found; 3: something was not read. Both are in the reports.
case $code in
    1 | 3) exit 0 ;;
    *) exit "$code" ;;
esac
