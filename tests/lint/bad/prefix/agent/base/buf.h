/* buf: x. */
#pragma once
void append(int c);
