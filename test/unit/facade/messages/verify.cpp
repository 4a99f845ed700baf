// verify SCHEMA.bfbs BUFFERS: FlatBuffers' own verifier on each buffer of a file, which holds a 32-bit length before each.
// Prints 1 for a good one and 0 for another, all on one line.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "flatbuffers/reflection.h"

static std::vector<uint8_t> contentOf(const char *path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int main(int, char **arguments) {
  const auto schemaBytes = contentOf(arguments[1]);
  const auto buffers = contentOf(arguments[2]);
  const auto *schema = reflection::GetSchema(schemaBytes.data());
  for (size_t at = 0; at + 4 <= buffers.size();) {
    uint32_t length;
    memcpy(&length, &buffers[at], 4);
    at += 4;
    // Memory of its own, aligned as the verifier wants it.
    const std::vector<uint8_t> buffer(buffers.begin() + at, buffers.begin() + at + length);
    at += length;
    const bool isGood = flatbuffers::Verify(*schema, *schema->root_table(), buffer.data(), buffer.size());
    putchar(isGood ? '1' : '0');
  }
  putchar('\n');
}
