#include "agent/wire/frame.h"
