// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <libtwin/core/error.hpp>
#include <libtwin/scenario/node.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::detail {

/// A text that diagnostics point into.
struct SourceFile {
  std::string name;
  std::string text;
};

/// What is being read, and what is wrong with it so far.
struct Reader {
  std::vector<SourceFile> files;
  std::vector<Diagnostic> diagnostics;

  /// Where relative file names start.
  std::string folder;

  /// Names of the parameters and the values they have while the model is read.
  std::vector<std::string> names;
  std::vector<double> nominals;

  std::vector<Binding> bindings;

  /// Settings from outside that reach below a value of the file, such as the mean of a law written as text, by path.
  /// A setting that nothing takes names no place of the model.
  struct Override {
    Node value;
    bool is_taken = false;
  };
  std::map<std::string, Override, std::less<>> overrides;

  /// Where the arrows stand, by path, with the names at their ends.
  struct ArrowPlace {
    Place from;
    Place to;
    Place route;
  };
  std::unordered_map<std::string, ArrowPlace> arrow_places;

  /// Whether the study chooses any number of a range; else ranges are levels.
  bool samples_ranges = false;

  /// Whether the file could be read as TOML or JSON from end to end; else parts of the model are missing.
  bool is_whole = true;

  /// Appends a diagnostic. Those of a hostile file are cut off after the first thousand.
  void add(Diagnostic diagnostic);

  /// Appends an error.
  void error(std::string_view code, const Place& place, std::string path, std::string message, std::string label = {},
             std::string hint = {});

  /// Appends one whose column counts from 1 within `node.text` from `offset` on.
  void error_inside(Diagnostic diagnostic, const Node& node, std::size_t offset, std::string path);

  /// The override for a path, marked as taken; or null.
  [[nodiscard]] const Node* take_override(std::string_view path);

  /// `did you mean …?` for the first few mistakes; after those no time is spent on it.
  [[nodiscard]] std::string suggest(std::string_view word, const std::vector<std::string>& candidates,
                                    std::string otherwise = {}) const;
};

/// Reads `reader.files[file]` into a tree. Mistakes of syntax are diagnostics, and what is around them is still read.
[[nodiscard]] Node read_toml_tree(Reader& reader, int file);
[[nodiscard]] Node read_json_tree(Reader& reader, int file);

/// Reads a file whole. False, with a diagnostic at `place`, when it cannot be or is larger than 64 MiB.
[[nodiscard]] bool load_file(Reader& reader, const std::string& file, bool must_be_regular, const Place& place,
                             const std::string& path, std::string& text);

}  // namespace twin::detail
