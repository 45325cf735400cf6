#include "devices/line/register_codec.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "base/prng.hpp"

namespace cryobank::devices {
namespace {

using config::Point;
using config::PointTable;
using config::PointType;
using config::WordOrder;

Point point_of(PointType type, std::int64_t num = 1, std::int64_t den = 1) {
  Point point;
  point.id = PointId("probe");
  point.type = type;
  point.table = PointTable::input;
  point.scale_num = num;
  point.scale_den = den;
  point.unit = "Cel";
  return point;
}

using Words = std::vector<std::uint16_t>;

std::string shown(const Point& point, const Words& words) {
  return show(point, decode(point, words));
}

struct Case {
  const char* name;
  PointType type;
  std::int64_t num;
  std::int64_t den;
  Words words;
  const char* expected;
};

TEST(RegisterCodec, DecodesEveryTypeExactly) {
  const Case cases[] = {
      {"int16 in tenths", PointType::int16, 1, 10, {0xF89A}, "-189.4"},
      {"int16 smallest", PointType::int16, 1, 1, {0x8000}, "-32768"},
      {"uint16 largest", PointType::uint16, 1, 1, {0xFFFF}, "65535"},
      {"int32 of the ULT manual's frame", PointType::int32, 1, 10, {0xFFFF, 0xFCE0}, "-80"},
      {"uint32 largest", PointType::uint32, 1, 1, {0xFFFF, 0xFFFF}, "4294967295"},
      {"int64 minus one", PointType::int64, 1, 1, {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}, "-1"},
      {"uint64 small", PointType::uint64, 1, 1, {0, 0, 1, 0}, "65536"},
      {"float32 of the ULT manual", PointType::float32, 1, 1, {0xC2FE, 0}, "-127"},
      {"float32 a tenth", PointType::float32, 1, 1, {0x3DCC, 0xCCCD}, "0.1"},
      {"float32 smallest subnormal", PointType::float32, 1, 1, {0, 1}, "0"},
      {"float32 minus zero", PointType::float32, 1, 1, {0x8000, 0}, "0"},
      {"float64 pi", PointType::float64, 1, 1, {0x4009, 0x21FB, 0x5444, 0x2D18}, "3.142"},
      {"float64 smallest subnormal", PointType::float64, 1, 1, {0, 0, 0, 1}, "0"},
      {"bcd16", PointType::bcd16, 1, 10, {0x1234}, "123.4"},
      {"bcd32", PointType::bcd32, 1, 1, {0x1234, 0x5678}, "12345678"},
      {"two to the minus seven", PointType::int16, 1, 128, {0x0C81}, "25.008"},
      {"two to the minus nine", PointType::uint16, 1, 512, {51200}, "100"},
      {"a third rounds half away", PointType::int16, 1, 3, {2}, "0.667"},
      {"exactly half rounds away from zero", PointType::int16, 1, 2000, {1}, "0.001"},
      {"exactly minus half rounds away", PointType::int16, 1, 2000, {0xFFFF}, "-0.001"},
      {"just under half rounds to zero", PointType::int16, 1, 2001, {1}, "0"},
      {"negative scale", PointType::int16, -1, 10, {15}, "-1.5"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(shown(point_of(c.type, c.num, c.den), c.words), c.expected) << c.name;
  }
}

TEST(RegisterCodec, NeverMakesANumberOfWhatIsNone) {
  const Case cases[] = {
      {"quiet NaN", PointType::float32, 1, 1, {0x7FC0, 0}, "sensor-broken"},
      {"signalling NaN", PointType::float32, 1, 1, {0x7F80, 1}, "sensor-broken"},
      {"infinity", PointType::float32, 1, 1, {0x7F80, 0}, "sensor-broken"},
      {"minus infinity", PointType::float64, 1, 1, {0xFFF0, 0, 0, 0}, "sensor-broken"},
      {"largest float32", PointType::float32, 1, 1, {0x7F7F, 0xFFFF}, "out-of-range"},
      {"largest float64",
       PointType::float64,
       1,
       1,
       {0x7FEF, 0xFFFF, 0xFFFF, 0xFFFF},
       "out-of-range"},
      {"largest uint64", PointType::uint64, 1, 1, {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}, "out-of-range"},
      {"smallest int64", PointType::int64, 1, 1, {0x8000, 0, 0, 0}, "out-of-range"},
      {"uint64 with the largest scale",
       PointType::uint64,
       INT64_MAX,
       1,
       {0xFFFF, 0, 0, 0},
       "out-of-range"},
      {"a bad digit in bcd16", PointType::bcd16, 1, 1, {0x12A4}, "sensor-broken"},
      {"all ones in bcd32", PointType::bcd32, 1, 1, {0xFFFF, 0xFFFF}, "sensor-broken"},
  };
  for (const Case& c : cases) {
    const Point point = point_of(c.type, c.num, c.den);
    EXPECT_EQ(shown(point, c.words), c.expected) << c.name;
    EXPECT_FALSE(decode(point, c.words).value.has_value()) << c.name;
  }
}

TEST(RegisterCodec, KnowsTheFourWordOrders) {
  const struct {
    WordOrder order;
    Words word;
    Words two;
    Words four;
  } cases[] = {
      {WordOrder::abcd, {0x1122}, {0x1122, 0x3344}, {0x0011, 0x2233, 0x4455, 0x6677}},
      {WordOrder::cdab, {0x1122}, {0x3344, 0x1122}, {0x6677, 0x4455, 0x2233, 0x0011}},
      {WordOrder::badc, {0x2211}, {0x2211, 0x4433}, {0x1100, 0x3322, 0x5544, 0x7766}},
      {WordOrder::dcba, {0x2211}, {0x4433, 0x2211}, {0x7766, 0x5544, 0x3322, 0x1100}},
  };
  for (const auto& c : cases) {
    Point one = point_of(PointType::uint16);
    Point two = point_of(PointType::uint32);
    Point four = point_of(PointType::uint64, 1, 0x100000000);
    one.order = two.order = four.order = c.order;
    EXPECT_EQ(decode(one, c.word).value, whole(0x1122));
    EXPECT_EQ(decode(two, c.two).value, whole(0x11223344));
    EXPECT_EQ(decode(four, c.four).value->v / 1000, 0x00112233);
    EXPECT_EQ(*encode(one, whole(0x1122)), c.word);
    EXPECT_EQ(*encode(two, whole(0x11223344)), c.two);
  }
}

TEST(RegisterCodec, ReadsASentinelAsABrokenSensorInEveryWidth) {
  Point narrow = point_of(PointType::int16, 1, 10);
  narrow.sentinels = {0x7FFF, 0xFFFFFFFFFFFF8001};  // the second one written as -32767
  EXPECT_EQ(shown(narrow, {0x7FFF}), "sensor-broken");
  EXPECT_EQ(shown(narrow, {0x8001}), "sensor-broken");
  EXPECT_EQ(shown(narrow, {0x7FFE}), "3276.6");
  Point real = point_of(PointType::float32);
  real.sentinels = {0xC2FE0000};
  real.order = WordOrder::cdab;
  EXPECT_EQ(shown(real, {0x0000, 0xC2FE}), "sensor-broken");
  EXPECT_EQ(shown(real, {0x0001, 0xC2FE}), "-127");
}

TEST(RegisterCodec, AppliesOffsetAfterScaleAndRangeAfterBoth) {
  Point point = point_of(PointType::uint16, 5, 9);  // Fahrenheit to Celsius
  point.offset = Milli{-17778};
  point.has_range = true;
  point.range_min = whole(-17);
  point.range_max = whole(100);
  EXPECT_EQ(shown(point, {212}), "100");
  EXPECT_EQ(shown(point, {32}), "0");
  EXPECT_EQ(shown(point, {213}), "out-of-range");
  EXPECT_EQ(shown(point, {0}), "out-of-range");
  EXPECT_EQ(shown(point, {2}), "-16.667");
}

TEST(RegisterCodec, TakesBitsFromRegistersAndFromBitTables) {
  Point bit = point_of(PointType::bit);
  bit.bit = 15;
  bit.values = {{0, "closed"}, {1, "open"}};
  EXPECT_EQ(shown(bit, {0x8000}), "open");
  EXPECT_EQ(shown(bit, {0x7FFF}), "closed");
  bit.table = PointTable::discrete;
  EXPECT_EQ(shown(bit, {1}), "open");
  EXPECT_EQ(shown(bit, {0}), "closed");
  Point field = point_of(PointType::bits);
  field.registers = 2;
  field.values = {{0, "high"}, {17, "memory"}};
  EXPECT_EQ(shown(field, {0x0002, 0x0005}), "high, bit 2, memory");
  EXPECT_EQ(shown(field, {0, 0}), "none");
  EXPECT_EQ(decode(field, Words{0x0002, 0x0005}).value, whole(0x20005));
  field.registers = 4;
  EXPECT_EQ(shown(field, {0x8000, 0, 0, 0}), "out-of-range");
}

TEST(RegisterCodec, NamesEnumValuesAndKeepsUnnamedOnes) {
  Point point = point_of(PointType::uint16);
  point.values = {{2, "mains"}, {3, "battery"}};
  EXPECT_EQ(shown(point, {3}), "battery");
  EXPECT_EQ(shown(point, {7}), "7");
}

TEST(RegisterCodec, ReadsTextTrimmedAndPrintable) {
  Point text = point_of(PointType::ascii);
  text.registers = 3;
  EXPECT_EQ(shown(text, {0x4142, 0x4320, 0x0000}), "ABC");
  EXPECT_EQ(shown(text, {0x2041, 0x0142, 0xFF20}), "A?B?");
  EXPECT_EQ(shown(text, {0, 0x2020, 0}), "");
  EXPECT_FALSE(decode(text, Words{0x4142, 0, 0}).value.has_value());
  text.order = WordOrder::badc;
  EXPECT_EQ(shown(text, {0x4241, 0x0043, 0}), "ABC");
}

TEST(RegisterCodec, RefusesToWriteWhatWouldNotReadBackTheSame) {
  Point point = point_of(PointType::int16, 1, 10);
  point.has_range = true;
  point.range_min = whole(-200);
  point.range_max = whole(60);
  point.sentinels = {500};
  EXPECT_EQ(*encode(point, Milli{-189400}), (Words{0xF89A}));
  struct Refused {
    const char* name = "";
    Milli value;
    const char* says = "";
  };
  const Refused cases[] = {
      {"between two steps", Milli{-189450}, "the nearest it can hold is -189.5"},
      {"outside the range", whole(61), "out-of-range"},
      {"a sentinel", whole(50), "sensor-broken"},
      {"too large for the type", whole(4000), "out-of-range"},
  };
  for (const auto& c : cases) {
    const auto words = encode(point, c.value);
    ASSERT_FALSE(words.ok()) << c.name;
    EXPECT_NE(words.error().context.find(c.says), std::string::npos) << words.error().context;
  }
  EXPECT_FALSE(encode(point_of(PointType::uint16), whole(-1)).ok());
  EXPECT_FALSE(encode(point_of(PointType::uint16), whole(65536)).ok());
  EXPECT_FALSE(encode(point_of(PointType::bcd16), whole(10000)).ok());
  EXPECT_FALSE(encode(point_of(PointType::bcd16), whole(-1)).ok());
  EXPECT_FALSE(encode(point_of(PointType::ascii), whole(1)).ok());
  EXPECT_FALSE(encode(point_of(PointType::bit), whole(1)).ok());
}

TEST(RegisterCodec, WritesFloatsAsTheNearestOne) {
  EXPECT_EQ(*encode(point_of(PointType::float32), Milli{100}), (Words{0x3DCC, 0xCCCD}));
  EXPECT_EQ(*encode(point_of(PointType::float32), Milli{-127000}), (Words{0xC2FE, 0}));
  EXPECT_EQ(*encode(point_of(PointType::float32), Milli{0}), (Words{0, 0}));
  EXPECT_EQ(*encode(point_of(PointType::float64), Milli{3142}),
            (Words{0x4009, 0x22D0, 0xE560, 0x4189}));
  // 24 bits of mantissa cannot tell 16777.217 thousand apart from its neighbours.
  EXPECT_FALSE(encode(point_of(PointType::float32), Milli{16777217001}).ok());
}

constexpr PointType kNumbers[] = {PointType::int16,   PointType::uint16, PointType::int32,
                                  PointType::uint32,  PointType::int64,  PointType::uint64,
                                  PointType::float32, PointType::float64};

// What a long double makes of the same bits; good to 63 bits, so only clear cases are compared.
long double reference_value(const Point& point, std::uint64_t raw) {
  switch (point.type) {
    case PointType::int16:
      return static_cast<std::int16_t>(raw);
    case PointType::int32:
      return static_cast<std::int32_t>(raw);
    case PointType::int64:
      return static_cast<long double>(static_cast<std::int64_t>(raw));
    case PointType::float32:
      return std::bit_cast<float>(static_cast<std::uint32_t>(raw));
    case PointType::float64:
      return std::bit_cast<double>(raw);
    default:
      return static_cast<long double>(raw);
  }
}

TEST(RegisterCodec, AgreesWithFloatingPointOnRandomBits) {
  Prng prng(7);
  int compared = 0;
  for (int i = 0; i < 200'000; ++i) {
    Point point = point_of(kNumbers[prng.below(std::size(kNumbers))], prng.between(-2000, 2000),
                           prng.between(1, 4096));
    const auto width = static_cast<std::size_t>(width_of(point));
    std::uint64_t raw = prng.next() >> (64 - 16 * width);
    if (prng.chance(1, 2)) raw >>= prng.below(16 * width);
    Words words(width);
    for (std::size_t w = 0; w < width; ++w) {
      words[w] = static_cast<std::uint16_t>(raw >> (16 * (width - 1 - w)));
    }
    const Decoded decoded = decode(point, words);
    const long double exact = reference_value(point, raw) * 1000 *
                              static_cast<long double>(point.scale_num) /
                              static_cast<long double>(point.scale_den);
    if (std::isnan(exact) || std::isinf(exact)) {
      EXPECT_EQ(decoded.quality, Quality::sensor_broken);
    } else if (std::fabs(exact) > 9.1e15L) {
      EXPECT_EQ(decoded.quality, Quality::out_of_range);
    } else if (std::fabs(exact) < 9.0e15L) {
      ASSERT_EQ(decoded.quality, Quality::good);
      const long double off = std::fabs(static_cast<long double>(decoded.value->v) - exact);
      EXPECT_LE(off, 0.5L + std::fabs(exact) * 1e-17L);
      ++compared;
    }
  }
  EXPECT_GT(compared, 50'000);
}

TEST(RegisterCodec, SurvivesRandomWordsAndReadsBackEveryValueItWrites) {
  Prng prng(11);
  int written = 0;
  for (int i = 0; i < 200'000; ++i) {
    Point point = point_of(static_cast<PointType>(prng.below(13)), prng.between(-50, 50),
                           prng.between(1, 1000));
    point.table = prng.chance(1, 8) ? PointTable::coil : PointTable::holding;
    point.order = static_cast<WordOrder>(prng.below(4));
    point.registers = point.type == PointType::bits ? static_cast<std::uint8_t>(1u << prng.below(3))
                                                    : static_cast<std::uint8_t>(1 + prng.below(20));
    point.bit = static_cast<std::uint8_t>(prng.below(16));
    point.offset = Milli{prng.between(-1'000'000, 1'000'000)};
    if (prng.chance(1, 4)) point.sentinels = {prng.next() & 0xFFFF};
    Words words(static_cast<std::size_t>(width_of(point)));
    for (auto& word : words) word = static_cast<std::uint16_t>(prng.next());
    const Decoded decoded = decode(point, words);
    if (decoded.quality != Quality::good) {
      EXPECT_FALSE(decoded.value.has_value());
      continue;
    }
    for (const char c : decoded.text) EXPECT_TRUE(c >= 0x20 && c <= 0x7E);
    if (!decoded.value) continue;
    EXPECT_LE(magnitude(*decoded.value).v, kMilliMax);
    const auto back = encode(point, *decoded.value);
    if (!back.ok()) continue;
    EXPECT_EQ(decode(point, *back).value, decoded.value);
    ++written;
  }
  EXPECT_GT(written, 20'000);
}

}  // namespace
}  // namespace cryobank::devices
