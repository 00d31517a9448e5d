// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace twin {

enum class Severity { error, warning, note };

/// One thing that is wrong, or worth knowing, about what the user described.
struct Diagnostic {
  /// `E…` for errors, `W…` for warnings; `twin explain CODE` tells more. Stable across versions.
  std::string code;

  Severity severity = Severity::error;

  /// The place in the model, for example `machine.weld.cycle`. Empty when the whole file is meant.
  std::string path;

  /// The place in the file. `line` and `column` count from 1; 0 means "not from a file". Columns count bytes.
  std::string file;
  int line = 0;
  int column = 0;

  /// How many characters the caret covers, >= 1.
  int length = 1;

  /// What is wrong, with the value: `unknown distribution 'lognormol'`.
  std::string message;

  /// Short text beside the caret: `not a distribution`. May be empty.
  std::string label;

  /// What to do: `did you mean 'lognormal'?`. May be empty.
  std::string hint;

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// What the user described is wrong. Carries every mistake found, not only the first.
class ModelError : public std::runtime_error {
 public:
  explicit ModelError(std::vector<Diagnostic> diagnostics);

  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// A file cannot be read or written. `what()` names it and the reason.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Whether any of `diagnostics` is an error.
[[nodiscard]] bool has_errors(const std::vector<Diagnostic>& diagnostics);

/// The candidate closest to `word` by edit distance (Damerau–Levenshtein), or an empty string when none is close.
[[nodiscard]] std::string nearest_name(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace twin
