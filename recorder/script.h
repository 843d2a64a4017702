/* script: which script a program that was started interprets. */
#pragma once

#include "recorder/event.h"

/* `name`: the program as it was called (the exec's first PATH item), `interpreter`: the second item's name. The kernel
 * puts the interpreter of a "#!" file before its name in the arguments (fs/binfmt_script.c); beside that, the first
 * plain argument of a known interpreter is taken for its script: "python3 x.py", "sh -e x.sh".
 * Points into the command line; absent when there is none. It is as given: relative to the working directory. */
struct span script_find(const struct image_start *image, struct span name, struct span interpreter);
