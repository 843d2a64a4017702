#include "recorder/event.h"
