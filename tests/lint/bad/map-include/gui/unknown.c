#include <libsomething.h>
