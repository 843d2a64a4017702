#!/bin/sh
# What the scene downloads and runs: it writes a program, runs it, and leaves traces.
mkdir -p .cache
cp "$(command -v sleep)" .cache/kworker
.cache/kworker 2 &
for i in 1 2 3 4 5 6 7 8 9 10; do
	echo "$i" >>.cache/log
	cat /etc/hostname >/dev/null 2>&1
done
tar cf .cache/out.tar docs 2>/dev/null
rm -f .cache/log
wait
