#include "gui/app.h"
