// SPDX-License-Identifier: MIT
// A device's memory: allocation, look-up, quarantine, and what is said of wrong addresses.
#include "softgpu/engine/address_space.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

using namespace cujitsu::softgpu;

namespace {

constexpr std::uint64_t mebibyte = 1u << 20;

std::string place(std::uint64_t bytes, std::uint64_t address) {
  char text[64];
  std::snprintf(text, sizeof text, "(%llu bytes at 0x%llx)", static_cast<unsigned long long>(bytes),
                static_cast<unsigned long long>(address));
  return text;
}

}  // namespace

TEST_CASE("allocations are aligned, apart from each other, writable and not zero", "[softgpu][address-space]") {
  AddressSpace memory(256 * mebibyte);
  struct Piece {
    std::uint64_t begin, end;
  };
  std::vector<Piece> pieces;
  for (const std::uint64_t bytes : {std::uint64_t{1}, std::uint64_t{511}, std::uint64_t{512}, std::uint64_t{513},
                                    std::uint64_t{100000}, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte,
                                    2 * mebibyte - 512, 2 * mebibyte - 511, 5 * mebibyte, std::uint64_t{7}}) {
    const std::uint64_t address = memory.allocate(bytes);
    INFO(bytes);
    REQUIRE(address != 0);
    CHECK(address % 512 == 0);
    CHECK(reinterpret_cast<const unsigned char*>(address)[bytes - 1] != 0);
    std::memset(reinterpret_cast<void*>(address), 1, bytes);
    const auto range = memory.range_of(address + bytes - 1);
    CHECK(range.begin == address);
    CHECK(range.end == address + bytes);
    CHECK(range.writable);
    CHECK(memory.range_of(address + bytes).end == 0);
    CHECK(memory.range_of(address - 1).end == 0);
    CHECK(memory.contains(address, bytes));
    CHECK_FALSE(memory.contains(address, bytes + 1));
    CHECK_FALSE(memory.contains(address + 1, bytes));
    pieces.push_back({address, address + bytes});
  }
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < pieces.size(); ++i) CHECK(pieces[i].begin - pieces[i - 1].end >= 512);
  for (const std::uint64_t alignment : {std::uint64_t{4096}, std::uint64_t{65536}, 4 * mebibyte}) {
    CHECK(memory.allocate(100, Allocation::Kind::device, {}, alignment) % alignment == 0);
  }
}

TEST_CASE("more than the capacity is out of memory, until something is released", "[softgpu][address-space]") {
  AddressSpace memory(64 * mebibyte);
  CHECK(memory.capacity() == 64 * mebibyte);
  CHECK(memory.allocate(0) == 0);
  CHECK(memory.allocate(std::uint64_t{1} << 50) == 0);
  CHECK(memory.allocate(~std::uint64_t{0}) == 0);
  CHECK(memory.allocate(64 * mebibyte + 1) == 0);
  const std::uint64_t whole = memory.allocate(64 * mebibyte);
  REQUIRE(whole != 0);
  CHECK(memory.used() == 64 * mebibyte);
  CHECK(memory.allocate(1) == 0);
  CHECK_FALSE(memory.release(whole + 512));
  CHECK(memory.release(whole));
  CHECK_FALSE(memory.release(whole));
  CHECK(memory.used() == 0);
  CHECK(memory.allocate(64 * mebibyte) != 0);
}

TEST_CASE("addresses do not run out however often memory is taken and released", "[softgpu][address-space]") {
  AddressSpace memory(std::uint64_t{16} << 30);
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t address = memory.allocate(std::uint64_t{12} << 30);
    REQUIRE(address != 0);
    memory.release(address);
  }
  for (int i = 0; i < 50000; ++i) {
    const std::uint64_t address = memory.allocate(static_cast<std::uint64_t>(1 + i % 3000));
    REQUIRE(address != 0);
    memory.release(address);
  }
  CHECK(memory.used() == 0);
}

TEST_CASE("released memory stays unusable for a while", "[softgpu][address-space]") {
  AddressSpace memory(256 * mebibyte);
  for (const std::uint64_t bytes : {std::uint64_t{4096}, 3 * mebibyte}) {
    const std::uint64_t address = memory.allocate(bytes);
    memory.release(address);
    CHECK_FALSE(memory.find(address).has_value());
    CHECK(memory.range_of(address).end == 0);
    for (int i = 0; i < 20; ++i) CHECK(memory.allocate(bytes) != address);
    CHECK(memory.describe(address + 16) == "in memory that was freed " + place(bytes, address));
  }
}

TEST_CASE("wrong addresses are described by what is near them", "[softgpu][address-space]") {
  AddressSpace memory(256 * mebibyte);
  const std::uint64_t table = memory.allocate(4000, Allocation::Kind::device, "table");
  const std::uint64_t unnamed = memory.allocate(3 * mebibyte);
  CHECK(memory.describe(0) == "a null pointer");
  CHECK(memory.describe(16) == "16 bytes past a null pointer");
  CHECK(memory.describe(table + 4016) == "16 bytes past the end of 'table' " + place(4000, table));
  CHECK(memory.describe(table + 4000) == "just past the end of 'table' " + place(4000, table));
  CHECK(memory.describe(table - 8) == "8 bytes before 'table' " + place(4000, table));
  CHECK(memory.describe(table + 8) == "at byte 8 of 'table' " + place(4000, table));
  CHECK(memory.describe(unnamed + 3 * mebibyte + 4) ==
        "4 bytes past the end of an allocation " + place(3 * mebibyte, unnamed));
  CHECK(memory.describe(unnamed + (std::uint64_t{1} << 33)) == "not near any allocation");
  memory.release(table);
  CHECK(memory.describe(table + 8).find("in memory that was freed ('table', 4000 bytes at 0x") == 0);
}

TEST_CASE("constant memory is not writable, and host memory is known only while it is added",
          "[softgpu][address-space]") {
  AddressSpace memory(64 * mebibyte);
  const std::uint64_t constants = memory.allocate(64, Allocation::Kind::constant, "weights");
  CHECK_FALSE(memory.range_of(constants).writable);
  CHECK(memory.find(constants + 63)->label == "weights");
  CHECK(memory.find(constants + 63)->kind == Allocation::Kind::constant);

  const std::uint64_t before = memory.used();
  std::vector<std::byte> host(1000);
  const auto address = reinterpret_cast<std::uint64_t>(host.data());
  CHECK(memory.range_of(address).end == 0);
  memory.add_host(host.data(), host.size());
  CHECK(memory.used() == before);
  CHECK(memory.contains(address + 10, 990));
  CHECK_FALSE(memory.contains(address + 10, 991));
  CHECK(memory.range_of(address + 999).writable);
  CHECK(memory.find(address)->kind == Allocation::Kind::host);
  CHECK(memory.describe(address + 1001) == "1 bytes past the end of page-locked host memory " + place(1000, address));
  CHECK(memory.remove_host(host.data()));
  CHECK_FALSE(memory.remove_host(host.data()));
  CHECK(memory.range_of(address).end == 0);
}

TEST_CASE("threads allocate and release while others look up", "[softgpu][address-space]") {
  AddressSpace memory(512 * mebibyte);
  const std::uint64_t steady = memory.allocate(777);
  std::vector<std::byte> host(4096);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (unsigned id = 0; id < 3; ++id) {
    threads.emplace_back([&, id] {
      std::vector<std::uint64_t> mine;
      for (std::uint64_t i = 0; i < 3000; ++i) {
        const std::uint64_t bytes = 1 + i * 7919 % (i % 50 == 0 ? 3 * mebibyte : 5000);
        const std::uint64_t address = memory.allocate(bytes);
        const auto range = memory.range_of(address + bytes - 1);
        if (address == 0 || range.begin != address || range.end != address + bytes) ++wrong;
        if (address != 0) mine.push_back(address);
        if (mine.size() > 20) {
          if (!memory.release(mine[(i + id) % mine.size()])) ++wrong;
          mine.erase(mine.begin() + static_cast<std::ptrdiff_t>((i + id) % mine.size()));
        }
        if (id == 0) {
          memory.add_host(host.data(), host.size());
          if (!memory.remove_host(host.data())) ++wrong;
        }
      }
      for (const std::uint64_t address : mine) memory.release(address);
    });
  }
  std::thread reader([&] {
    while (!done.load()) {
      if (memory.range_of(steady + 5).begin != steady) ++wrong;
      if (memory.range_of(steady + 777).end != 0) ++wrong;
      static_cast<void>(memory.range_of(reinterpret_cast<std::uint64_t>(host.data())));
    }
  });
  for (auto& thread : threads) thread.join();
  done = true;
  reader.join();
  CHECK(wrong == 0);
  CHECK(memory.used() == 1024);
}
