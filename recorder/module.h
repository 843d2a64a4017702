/* module: where a kernel module that was loaded came from, and who signed it. */
#pragma once

#include "recorder/recording.h"

/* Fills m->path, m->signature and m->signer as far as they can be known: the file is the loader's descriptor while that
 * lives, else the one that depmod's modules.dep in `folder` has of that name.
 * folder: "/lib/modules/RELEASE". A file of another name than the kernel says is not believed. */
void module_look_up(struct recording_module *m, const char *folder, struct arena *arena);
