// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <libtwin/results/crc32c.hpp>
#include <tests/support/catch.hpp>

TEST_CASE("CRC-32C gives the check values of RFC 3720", "[crc32c]") {
  using twin::detail::crc32c;
  CHECK(crc32c("") == 0);
  CHECK(crc32c("123456789") == 0xe3069283U);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aaU);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
  std::string ascending;
  for (int k = 0; k < 32; ++k) ascending += static_cast<char>(k);
  CHECK(crc32c(ascending) == 0x46dd794eU);
}

TEST_CASE("a CRC-32C can be computed in pieces of any length", "[crc32c]") {
  const std::string text = "The quick brown fox jumps over the lazy dog, twice.";
  const std::uint32_t whole = twin::detail::crc32c(text);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CHECK(twin::detail::crc32c(text.substr(cut), twin::detail::crc32c(text.substr(0, cut))) == whole);
  }
}
