#pragma once
int bare(void);
