// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/store_error.hpp>

namespace twin {
namespace {

std::string with_lines(std::string what, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) what += "\n  " + line;
  return what;
}

}  // namespace

StoreMismatch::StoreMismatch(const std::string& what, std::vector<std::string> differences)
    : FileError(with_lines(what, differences)), differences_(std::move(differences)) {}

}  // namespace twin
