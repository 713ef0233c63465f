#!/bin/sh
# Makes the pictures of the README anew: docs/images/make.sh [AWS-AUDIT]
#
# Needs chromium (or CHROMIUM=PATH), pngquant, and fonts for Japanese; Debian: apt install chromium pngquant fonts-noto-cjk.
# What the page shows is the demo's report, so that nothing of a real account can be in it.
set -eu
program=${1:-target/debug/aws-audit}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
for lang in en ja; do
    case $lang in en) name=report ;; *) name=report.$lang ;; esac
    # Findings are found: that is exit code 1.
    "$program" scan --demo --lang "$lang" --format html --output "$work/$name.html" || [ $? -eq 1 ]
    "${CHROMIUM:-chromium}" --headless --no-sandbox --hide-scrollbars --disable-gpu --lang="$lang" \
        --window-size=1280,1100 --screenshot="$work/$name.png" "file://$work/$name.html"
    pngquant --force --strip --speed 1 --output "$here/$name.png" 64 "$work/$name.png"
done
