// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libtwin/results/store_manifest.hpp>

namespace twin::detail {

enum class FieldRole {
  /// Kept, and nothing else.
  note,
  /// In the study hash.
  decides,
  /// In the study hash; a text of JSON, in which differences are looked for.
  decides_json
};

/// The one list of a manifest's fields, for its writer, its reader, the hash and the differences. `Manifest` may be const.
/// The order is that of the file and of the hash: adding a field changes every hash, so it takes a new format version.
template <class Manifest, class Visit>
void visit_fields(Manifest& m, Visit&& visit) {
  visit("twin_store_format", m.format_version, FieldRole::decides);
  visit("study_name", m.study_name, FieldRole::note);
  visit("library_version", m.library_version, FieldRole::decides);
  visit("engine", m.engine, FieldRole::decides);
  visit("seed", m.seed, FieldRole::decides);
  visit("replications", m.replications, FieldRole::decides);
  visit("rows", m.rows, FieldRole::decides);
  visit("rows_per_block", m.rows_per_block, FieldRole::decides);
  visit("columns", m.columns, FieldRole::decides);
  visit("statuses", m.statuses, FieldRole::decides);
  visit("factors", m.factors, FieldRole::decides);
  visit("details", m.details, FieldRole::note);
  visit("model", m.model, FieldRole::decides_json);
  visit("study", m.study, FieldRole::decides_json);
}

}  // namespace twin::detail
