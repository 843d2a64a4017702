/* network: the app's connections, in the main loop: an fdm whose descriptor is a source of it. Names are resolved in
 * threads (dial.h), so nothing of this waits. It comes after what the user does and after drawing. */
#pragma once

#include "agent/base/fdm.h"

/* One for the whole app, made when it is first asked for. NULL: descriptors or memory are out. */
struct fdm *network_fdm(void);
