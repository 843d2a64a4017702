#include "recorder/netlink.h"
