#include "recorder/query/reader.h"
#include <math.h>
