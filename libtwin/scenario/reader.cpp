// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/reader.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

constexpr std::size_t kMostDiagnostics = 1000;
constexpr std::size_t kMostSuggestions = 50;
constexpr std::size_t kMostBytes = 64U << 20U;

}  // namespace

void Reader::add(Diagnostic diagnostic) {
  if (diagnostics.size() < kMostDiagnostics) diagnostics.push_back(std::move(diagnostic));
}

void Reader::error(std::string_view code, const Place& place, std::string path, std::string message, std::string label,
                   std::string hint) {
  // What is missing may stand in the part that could not be read.
  if (code == "E013" && !is_whole) return;
  Diagnostic d;
  d.code = code;
  d.path = std::move(path);
  if (place.file >= 0) d.file = files[static_cast<std::size_t>(place.file)].name;
  d.line = place.line;
  d.column = place.column;
  d.length = place.length;
  d.message = std::move(message);
  d.label = std::move(label);
  d.hint = std::move(hint);
  add(std::move(d));
}

void Reader::error_inside(Diagnostic diagnostic, const Node& node, std::size_t offset, std::string path) {
  const std::size_t begin = offset + static_cast<std::size_t>(diagnostic.column > 0 ? diagnostic.column - 1 : 0);
  error(diagnostic.code, node.inside(begin, static_cast<std::size_t>(diagnostic.length)), std::move(path),
        std::move(diagnostic.message), std::move(diagnostic.label), std::move(diagnostic.hint));
}

const Node* Reader::take_override(std::string_view path) {
  if (overrides.empty()) return nullptr;
  const auto found = overrides.find(path);
  if (found == overrides.end()) return nullptr;
  found->second.is_taken = true;
  return &found->second.value;
}

std::string Reader::suggest(std::string_view word, const std::vector<std::string>& candidates,
                            std::string otherwise) const {
  if (diagnostics.size() > kMostSuggestions) return otherwise;
  return detail::suggest(word, candidates, std::move(otherwise));
}

bool load_file(Reader& reader, const std::string& file, bool must_be_regular, const Place& place,
               const std::string& path, std::string& text) {
  const auto refuse = [&](const std::string& reason) {
    reader.error("E001", place, path, "cannot open " + quote(file) + ": " + reason, "cannot be opened",
                 "check the name; relative names start at the folder of the scenario");
    return false;
  };
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (!std::filesystem::exists(status)) return refuse(code ? code.message() : "it does not exist");
  if (std::filesystem::is_directory(status)) return refuse("it is a folder");
  // A device or a pipe may have no end, or block: nothing that a file names is allowed to be one.
  if (must_be_regular && !std::filesystem::is_regular_file(status)) return refuse("it is not a plain file");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return refuse(errno != 0 ? std::strerror(errno) : "unknown reason");
  std::string block(1U << 16U, '\0');
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block, 0, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMostBytes) return refuse("it is larger than 64 MiB");
  }
  if (in.bad()) return refuse("reading failed");
  return true;
}

}  // namespace twin::detail
