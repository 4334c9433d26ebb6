#!/bin/sh
# A training that keeps a pipe to `cairn live` open.
set -eu

pipe=$(mktemp -u)
mkfifo "$pipe"
cairn live <"$pipe" &
logger=$!
exec 3>"$pipe"
rm "$pipe"

echo '{"params": {"lr": 0.1, "optimizer": "sgd"}}' >&3
for epoch in 1 2 3 4 5; do
	loss=$(awk "BEGIN { print 0.9 ^ $epoch }")
	accuracy=$(awk "BEGIN { print 1 - $loss / 2 }")
	echo "{\"metrics\": {\"train/loss\": $loss, \"accuracy\": $accuracy}}" >&3
done

exec 3>&-
wait "$logger"
