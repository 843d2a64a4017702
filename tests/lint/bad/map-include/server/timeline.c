#include "timeline/view/render.h"
