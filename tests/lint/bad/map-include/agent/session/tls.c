#include <bearssl.h>
