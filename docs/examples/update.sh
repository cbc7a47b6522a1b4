#!/bin/sh
# Writes the drafts of all examples anew, from the raw data: sh docs/examples/update.sh
set -eu
cd "$(dirname "$0")/../.."
make build
for project in . examples/mpg examples/stocks; do
    name=$(basename "$project")
    [ "$project" = . ] && name=texas_housing
    copy=$(mktemp -d)
    mkdir -p "$copy/data"
    cp -R "$project/pipeline.toml" "$copy/"
    cp -R "$project/data/raw" "$copy/data/raw"
    [ ! -e "$project/schema.json" ] || cp "$project/schema.json" "$copy/"
    # The forecast too, where there is a horizon.
    make BIN=target/debug PROJECT="$copy" report
    if grep -q '^horizon' "$copy/pipeline.toml"; then
        make BIN=target/debug PROJECT="$copy" predict
        make BIN=target/debug PROJECT="$copy" report
    fi
    rm -rf "docs/examples/$name"
    mkdir -p "docs/examples/$name"
    cp -R "$copy/reports/report.md" "$copy/reports/report.figures" "docs/examples/$name/"
    rm -rf "$copy"
done
