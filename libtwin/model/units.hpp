// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Durations for C++ programs: `38_s`, `1.5_h`. Each is a plain number of seconds.
namespace twin::literals {

constexpr double operator""_ms(long double v) { return static_cast<double>(v) * 1e-3; }
constexpr double operator""_ms(unsigned long long v) { return static_cast<double>(v) * 1e-3; }
constexpr double operator""_s(long double v) { return static_cast<double>(v); }
constexpr double operator""_s(unsigned long long v) { return static_cast<double>(v); }
constexpr double operator""_min(long double v) { return static_cast<double>(v) * 60.0; }
constexpr double operator""_min(unsigned long long v) { return static_cast<double>(v) * 60.0; }
constexpr double operator""_h(long double v) { return static_cast<double>(v) * 3600.0; }
constexpr double operator""_h(unsigned long long v) { return static_cast<double>(v) * 3600.0; }
constexpr double operator""_d(long double v) { return static_cast<double>(v) * 86400.0; }
constexpr double operator""_d(unsigned long long v) { return static_cast<double>(v) * 86400.0; }
constexpr double operator""_weeks(long double v) { return static_cast<double>(v) * 604800.0; }
constexpr double operator""_weeks(unsigned long long v) { return static_cast<double>(v) * 604800.0; }

}  // namespace twin::literals
