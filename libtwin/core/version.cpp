// SPDX-License-Identifier: Apache-2.0
#include <libtwin/core/version.hpp>

namespace twin {

std::string_view library_version() { return TWIN_VERSION; }

}  // namespace twin
