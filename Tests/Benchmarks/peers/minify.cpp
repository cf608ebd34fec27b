// White space out of JSON texts by the C++ libraries of Debian: a file of texts, one a line or a single one, again and
// again for so many seconds, or so many times where an x follows. Prints nanoseconds and passes.
//
//   minify simdjson|simdjson-parse|rapidjson FILE line|whole SECONDS|PASSESx
//
// simdjson's minify does not validate (it checks neither syntax nor UTF-8); `simdjson-parse` is its parser as well, so
// that a text is known to be valid. RapidJSON's reader feeds its writer, and validates syntax and UTF-8.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

static size_t rapid(const simdjson::padded_string &text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> input(stream);
  rapidjson::StringBuffer output(nullptr, text.size());
  rapidjson::Writer<rapidjson::StringBuffer> writer(output);
  rapidjson::Reader reader;
  constexpr auto flags =
      rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  if (!reader.Parse<flags>(input, writer)) std::exit(1);
  return output.GetSize();
}

static size_t minify(const simdjson::padded_string &text) {
  std::vector<char> output(text.size());
  size_t count = 0;
  if (simdjson::minify(text.data(), text.size(), output.data(), count)) std::exit(1);
  return count;
}

static size_t parse(const simdjson::padded_string &text) {
  static simdjson::dom::parser parser;
  if (parser.parse(text).error()) std::exit(1);
  return minify(text);
}

int main(int count, char **arguments) {
  if (count != 5) return 100;
  std::ifstream file(arguments[2], std::ios::binary);
  std::vector<simdjson::padded_string> texts;
  if (std::strcmp(arguments[3], "line") == 0)
    for (std::string line; std::getline(file, line);) texts.emplace_back(line);
  else
    texts.emplace_back(std::string(std::istreambuf_iterator<char>(file), {}));
  if (texts.empty()) return 111;
  auto scan = std::strcmp(arguments[1], "rapidjson") == 0  ? rapid
              : std::strcmp(arguments[1], "simdjson") == 0 ? minify
                                                           : parse;
  using clock = std::chrono::steady_clock;
  auto start = clock::now(), end = start;
  bool counts = std::strchr(arguments[4], 'x') != nullptr;
  double limit = std::atof(arguments[4]);
  size_t bytes = 0, passes = 0;
  do {
    for (const auto &text : texts) bytes += scan(text);
    passes++;
    end = clock::now();
  } while ((counts ? double(passes) : std::chrono::duration<double>(end - start).count()) < limit);
  if (bytes == 0) return 1;
  std::printf("%lld %zu\n",
              (long long)std::chrono::duration_cast<std::chrono::nanoseconds>(end - start).count(),
              passes);
}
