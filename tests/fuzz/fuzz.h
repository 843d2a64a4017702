/* fuzz: the one function that every fuzzer defines. libFuzzer calls it (-Dfuzz=true), else replay.c with the seeds. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
