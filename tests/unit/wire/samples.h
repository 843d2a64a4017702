/* samples: one of each control message, with everything in it. */
#pragma once

#include "agent/wire/control.h"

/* They live until the arena goes. */
struct control samples_control(enum control_type type, struct arena *arena);
/* Who says it. */
enum control_side samples_side(enum control_type type);
