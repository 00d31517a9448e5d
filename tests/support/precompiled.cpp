// SPDX-License-Identifier: Apache-2.0
// CMake precompiles headers only for targets that have a source.
