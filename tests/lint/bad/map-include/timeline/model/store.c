#include "recorder/store/store.h"
