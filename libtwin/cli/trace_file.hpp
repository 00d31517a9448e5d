// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run.hpp>

namespace twin::cli {

/// Runs one replication and writes its trace, whole or not at all.
///
/// The file holds, all numbers little-endian: the 8 bytes `TWINTRC1`; the length of the header as an unsigned 64-bit number, a
/// multiple of 16; the header, a JSON object in UTF-8 filled up with blanks; then records of 16 bytes until the end
/// (`libtwin/engine/trace.hpp`): 64 bits with the time in ticks of 2^-24 s in the low 56 and the kind in the high 8,
/// 32 bits for the element, 32 bits for the value. The header names the kinds and states by number, and what each
/// element is: `servers` for records of stations and sources, `stores` for the rest.
/// @throws FileError when it cannot be written.
void write_trace(const std::string& path, const Compiled& compiled, RunInput input);

}  // namespace twin::cli
