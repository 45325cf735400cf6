// Scale: a million aliquots fit and load in time, and a whole tank's excursion is one record.
// The bounds are generous, since a test machine may be slow; tests/bench has the figures.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <string>

#include "inventory/ledger/aliquot.hpp"
#include "inventory/ledger/course.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/hold.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

// A sanitizer keeps shadows and freed blocks, so that memory says nothing about ours.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr int kFreezers = 40;
constexpr int kBoxes = 256;  // per freezer, of 100 positions
constexpr int kAliquots = 1'000'000;
constexpr int kDoses = 12;
constexpr int kPerDose = 5;

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * 4096 / 1e6;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

config::SiteConfig large_site() {
  config::SiteConfig site = small_site();
  site.devices.resize(0);
  site.places.resize(1);
  for (auto& type : site.place_types) {
    if (type.id == "box") type.rows = type.columns = 10;
    if (type.id == "freezer") {
      type.columns = kBoxes;
      type.holds = {"box"};
    }
  }
  for (int f = 1; f <= kFreezers; ++f) {
    config::DeviceConfig device;
    device.id = DeviceId(cat("freezer-", f));
    site.devices.push_back(device);
    config::PlaceConfig tank;
    tank.id = PlaceId(device.id.str());
    tank.type = "freezer";
    tank.parent = PlaceId("room");
    tank.device = device.id;
    site.places.push_back(tank);
    for (int b = 1; b <= kBoxes; ++b) {
      config::PlaceConfig box;
      box.id = PlaceId(cat("f", f, "-b", b));
      box.type = "box";
      box.parent = tank.id;
      box.position = cat(b);
      site.places.push_back(box);
    }
  }
  return site;
}

std::string padded(int number) {
  const std::string digits = cat(number);
  return std::string(7 - digits.size(), '0') + digits;
}

Aliquot aliquot_at(int n) {
  Aliquot aliquot;
  aliquot.id = AliquotId("a" + padded(n));
  aliquot.code = "CODE-" + padded(n);
  aliquot.course = CourseId("c" + padded(n / (kDoses * kPerDose)));
  aliquot.dose = n / kPerDose % kDoses + 1;
  aliquot.state = AliquotState::released;
  const int box = n / 100;
  aliquot.spot = {PlaceId(cat("f", box / kBoxes + 1, "-b", box % kBoxes + 1)), n % 100};
  aliquot.since = WallTime{1'700'000'000'000 + n};
  return aliquot;
}

std::string course_row(int n) {
  Course course;
  course.id = CourseId("c" + padded(n));
  course.patient = PatientId(cat("p", n));
  for (int d = 1; d <= kDoses; ++d) {
    Dose dose;
    dose.id = DoseId(cat("d", d));
    dose.fraction = *Fraction::make(1, kDoses);
    dose.state = DoseState::stored;
    course.doses.push_back(dose);
  }
  return encode(course);
}

TEST(Scale, AMillionAliquotsLoadAndAnExcursionOfATankIsOneRecord) {
  const config::SiteConfig site = large_site();
  const double before = resident_mb();
  auto start = std::chrono::steady_clock::now();
  std::size_t bytes = 0;
  for (int n = 0; n < kAliquots; ++n) bytes += encode(aliquot_at(n)).size();
  const double encode_s = seconds_since(start);
  start = std::chrono::steady_clock::now();
  Ledger ledger(site);
  for (int n = 0; n < kAliquots; ++n) {
    const Aliquot aliquot = aliquot_at(n);
    ASSERT_TRUE(ledger.load_row(row_key(aliquot.id), encode(aliquot)).ok());
  }
  for (int n = 0; n <= (kAliquots - 1) / (kDoses * kPerDose); ++n) {
    ASSERT_TRUE(ledger.load_row(cat("r/course/c", padded(n)), course_row(n)).ok());
  }
  const auto loaded = ledger.loaded();
  ASSERT_TRUE(loaded.ok()) << loaded.error().context;
  const double load_s = seconds_since(start);
  const double used_mb = resident_mb() - before;
  std::cout << "load " << load_s - encode_s << " s (" << bytes << " bytes of aliquot rows), "
            << used_mb << " MB\n";
  if (!kSanitized) {
    EXPECT_LT(used_mb, 600);
  }

  start = std::chrono::steady_clock::now();
  CommandContext context;
  context.now.wall = WallTime{1'800'000'000'000};
  context.actor.user = UserId("service");
  Draft draft(ledger);
  const Json body = Json::object()
                        .set("place", "freezer-2")
                        .set("from", format_utc(context.now.wall - hours(2)))
                        .set("until", format_utc(context.now.wall - hours(1)))
                        .set("above_s", Json::object().set("-150", 3000).set("-135", 60));
  const auto decision = decide(draft, "excursion/record", body, context);
  ASSERT_TRUE(decision.ok()) << decision.error().context;
  EXPECT_EQ(decision->reply.integer_or("aliquots", 0), kBoxes * 100);
  for (const Fact& fact : decision->facts) ASSERT_TRUE(draft.apply(fact).ok());
  std::move(draft).absorb_into(ledger);
  const View view(ledger);
  const ExposureBook book(view);
  std::size_t reached = 0;
  for (const AliquotId& id : reached_by(view, "place:freezer-2")) {
    reached += book.of(*view.aliquot(id), context.now.wall).above[0] == 3000 ? 1 : 0;
  }
  const double excursion_s = seconds_since(start);
  EXPECT_EQ(reached, static_cast<std::size_t>(kBoxes) * 100);
  std::cout << "excursion over " << reached << " aliquots " << excursion_s << " s\n";
  EXPECT_LT(excursion_s, 5);
}

}  // namespace
}  // namespace cryobank::inventory
