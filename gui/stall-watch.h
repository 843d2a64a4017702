/* stall-watch: tells on standard error when the main loop is kept from its work: for how long, how much of that on the
 * processor, and the stack of that moment (addresses for addr2line). For developers: environment SPOOR_STALL_MS=100. */
#pragma once

/* Call once from the main thread, before the main loop. Does nothing without SPOOR_STALL_MS. */
void stall_watch_start(void);
