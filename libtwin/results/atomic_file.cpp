// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/atomic_file.hpp>

#include <libtwin/results/new_file.hpp>

namespace twin {

void write_file_atomically(const std::string& path, std::string_view content) {
  detail::NewFile file(path);
  file.write(content);
  file.commit();
}

}  // namespace twin
