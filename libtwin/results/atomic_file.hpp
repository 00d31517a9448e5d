// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace twin {

/// Writes a whole file or nothing: under another name in the same folder, through to the disk, then renamed. A reader sees
/// the old file or the new one, never half of one, and a failure leaves no trace.
///
/// A symbolic link stays one and its target is replaced; a file that is replaced keeps its permissions. What is no
/// regular file (`/dev/stdout`, a pipe) cannot be replaced and is written to directly.
/// @throws FileError with the name and the reason when the folder is missing, the disk is full, and so on.
void write_file_atomically(const std::string& path, std::string_view content);

}  // namespace twin
