/* module: where a kernel module that was loaded came from, who signed its file, and what is in it. */
#pragma once

#include "recorder/recording.h"

/* The file that the loader has open, while it has: fills m->path and m->file, or leaves them. A file of another name than
 * the kernel says is not believed. */
void module_open(struct recording_module *m, struct arena *arena);
/* Fills m->path (where module_open did not: the file that depmod's modules.dep in `folder` has of that name), and of the
 * file m->signature, m->signer and m->sha256, as far as they can be known. Reads all of it.
 * folder: "/lib/modules/RELEASE". m->file is the caller's to close. */
void module_look_up(struct recording_module *m, const char *folder, struct arena *arena);
