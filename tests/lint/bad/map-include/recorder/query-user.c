#include "recorder/query/expr.h"
