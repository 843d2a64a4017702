#!/usr/bin/env python3
"""embed.py IN OUT NAME: writes the text file IN as the C string NAME."""
import sys

source, target, name = sys.argv[1:4]
with open(source, encoding="utf-8") as f:
    lines = f.read().splitlines()
with open(target, "w", encoding="utf-8") as f:
    f.write(f"extern const char {name}[];\nconst char {name}[] =\n")
    for line in lines:
        text = line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        f.write(f'\t"{text}\\n"\n')
    f.write("\t;\n")
