/* x. */
#pragma once
static inline int other(int a) { return a; }
