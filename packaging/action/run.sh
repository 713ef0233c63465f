#!/usr/bin/env bash
# What the GitHub Action does (action.yml): get the program and verify where it comes from, get a web identity token,
# scan, keep the reports. The exit code is the scan's.
set -euo pipefail

work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/aws-audit.XXXXXX")
# The token in it is a credential.
trap 'rm -rf "$work"' EXIT
fail() {
    echo "::error title=aws-audit::$*"
    exit 2
}

# The program: of the release that this copy of the action belongs to.
program=$INPUT_BINARY
if [ -z "$program" ]; then
    version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1)
    case "${RUNNER_OS:-Linux}-${RUNNER_ARCH:-X64}" in
        Linux-X64) target=x86_64-unknown-linux-musl ;;
        Linux-ARM64) target=aarch64-unknown-linux-musl ;;
        macOS-X64) target=x86_64-apple-darwin ;;
        macOS-ARM64) target=aarch64-apple-darwin ;;
        *) fail "there is no release for $RUNNER_OS on $RUNNER_ARCH; give the input binary" ;;
    esac
    archive=aws-audit-$version-$target.tar.gz
    gh release download "v$version" --repo "$INPUT_REPOSITORY" --pattern "$archive" --dir "$work" ||
        fail "release v$version of $INPUT_REPOSITORY has no $archive"
    gh attestation verify "$work/$archive" --repo "$INPUT_REPOSITORY" > /dev/null ||
        fail "$archive was not made by the release workflow of $INPUT_REPOSITORY"
    tar -xzf "$work/$archive" -C "$work" --strip-components=1
    program=$work/aws-audit
fi

# Credentials: the program takes the token to STS by itself. GitHub's is good for minutes, the session for an hour.
if [ -n "$INPUT_ROLE" ]; then
    [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ] ||
        fail "the job may not ask for a token: give it the permission id-token: write"
    printf 'header = "Authorization: Bearer %s"\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
        curl --silent --show-error --fail --config - "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["value"], end="")' > "$work/token" ||
        fail "GitHub gave no token"
    export AWS_WEB_IDENTITY_TOKEN_FILE=$work/token AWS_ROLE_ARN=$INPUT_ROLE
    export AWS_ROLE_SESSION_NAME=aws-audit-${GITHUB_RUN_ID:-0}
    # Keys in the environment would go before the token.
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE
fi

mkdir -p "$INPUT_OUTPUT_DIR"
arguments=(scan --fail-on "$INPUT_FAIL_ON")
for name in report.json report.html report.sarif report.md; do
    arguments+=(--output "$INPUT_OUTPUT_DIR/$name")
done
[ -z "$INPUT_REGIONS" ] || arguments+=(--regions "$INPUT_REGIONS")
[ -z "$INPUT_CONFIG" ] || arguments+=(--config "$INPUT_CONFIG")
read -r -a more <<< "$INPUT_ARGUMENTS"
code=0
"$program" "${arguments[@]}" "${more[@]}" || code=$?

{
    echo "exit-code=$code"
    echo "sarif=$INPUT_OUTPUT_DIR/report.sarif"
    echo "json=$INPUT_OUTPUT_DIR/report.json"
} >> "${GITHUB_OUTPUT:-/dev/null}"
if [ "$INPUT_SUMMARY" = true ] && [ -e "$INPUT_OUTPUT_DIR/report.md" ]; then
    cat "$INPUT_OUTPUT_DIR/report.md" >> "$GITHUB_STEP_SUMMARY"
fi
case $code in
    0) ;;
    1) echo "::error title=aws-audit::There are findings at or above $INPUT_FAIL_ON" ;;
    3) echo "::error title=aws-audit::The scan was incomplete: the report says what to allow" ;;
    *) echo "::error title=aws-audit::The scan failed with exit code $code" ;;
esac
exit "$code"
