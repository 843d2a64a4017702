#include "recorder/query/reader.h"
