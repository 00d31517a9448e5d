// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

/// Throws `std::logic_error` when a caller breaks a precondition. Always on; not for hot loops.
#define TWIN_CHECK(condition, message)                                                                 \
  do {                                                                                                 \
    if (!(condition)) throw std::logic_error(std::string("twin: ") + (message) + " [" #condition "]"); \
  } while (false)
