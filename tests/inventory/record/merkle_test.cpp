#include "inventory/record/merkle.hpp"

#include <gmock/gmock.h>

#include "base/prng.hpp"
#include "base/text.hpp"

namespace cryobank::inventory {
namespace {

// The eight leaves and the roots that the certificate-transparency project publishes as test
// vectors for the tree hash.
struct RootVector {
  std::string_view leaf;  // hexadecimal, appended last
  std::string_view root;
};
constexpr RootVector kVectors[] = {
    {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"606162636465666768696a6b6c6d6e6f",
     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

// Straight from the definition in RFC 9162 section 2.1.1, with all leaves at hand.
Sha256 tree_hash(std::span<const Sha256> leaves) {
  if (leaves.empty()) return sha256("");
  if (leaves.size() == 1) return leaves[0];
  std::size_t split = 1;
  while (split * 2 < leaves.size()) split *= 2;
  return node_hash(tree_hash(leaves.first(split)), tree_hash(leaves.subspan(split)));
}

class Leaves {
 public:
  explicit Leaves(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) leaves_.push_back(leaf_hash(cat("entry ", i)));
  }
  const std::vector<Sha256>& all() const { return leaves_; }
  Sha256 root(std::uint64_t size) const { return tree_hash(std::span(leaves_).first(size)); }
  NodeReader reader() const {
    return [this](unsigned level, std::uint64_t index) -> Result<Sha256> {
      const std::uint64_t width = std::uint64_t{1} << level;
      EXPECT_LE((index + 1) * width, leaves_.size());
      return tree_hash(std::span(leaves_).subspan(index * width, width));
    };
  }

 private:
  std::vector<Sha256> leaves_;
};

TEST(Merkle, RootsEqualThePublishedVectors) {
  MerkleFrontier frontier;
  EXPECT_EQ(to_hex(frontier.root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (const RootVector& vector : kVectors) {
    const auto leaf = from_hex(vector.leaf);
    ASSERT_TRUE(leaf.ok());
    frontier.append(leaf_hash(as_text(*leaf)));
    EXPECT_EQ(to_hex(frontier.root()), vector.root) << frontier.size() << " leaves";
  }
}

TEST(Merkle, FrontierEqualsTheDefinitionForEverySizeAndComesBackFromItsNodes) {
  const Leaves leaves(200);
  MerkleFrontier frontier;
  for (std::size_t size = 1; size <= leaves.all().size(); ++size) {
    frontier.append(leaves.all()[size - 1]);
    ASSERT_EQ(frontier.root(), leaves.root(size)) << size;
    auto restored = MerkleFrontier::restore(size, frontier.nodes());
    ASSERT_TRUE(restored.ok());
    ASSERT_EQ(restored->root(), frontier.root());
    frontier = *restored;
  }
}

TEST(Merkle, AppendTellsEachPerfectSubtreeOnce) {
  const Leaves leaves(64);
  MerkleFrontier frontier;
  std::size_t told = 0;
  for (const Sha256& leaf : leaves.all()) {
    frontier.append(leaf, [&](const MerkleNode& node) {
      ++told;
      EXPECT_EQ(node.hash, *leaves.reader()(node.level, node.index));
    });
  }
  EXPECT_EQ(told, 64u + 32 + 16 + 8 + 4 + 2 + 1);
}

TEST(Merkle, RestoreRefusesAWrongNumberOfSubtrees) {
  const auto restored = MerkleFrontier::restore(6, {Sha256{}});
  ASSERT_FALSE(restored.ok());
  EXPECT_EQ(restored.error().context, "expected 2 subtrees for 6 leaves, came 1");
}

TEST(Merkle, EveryInclusionProofHoldsAndNoOtherLeafPlaceOrRootPasses) {
  constexpr std::uint64_t kSizes = 40;
  const Leaves leaves(kSizes);
  for (std::uint64_t size = 1; size <= kSizes; ++size) {
    const Sha256 root = *root_of(size, leaves.reader());
    ASSERT_EQ(root, leaves.root(size));
    for (std::uint64_t index = 0; index < size; ++index) {
      const Sha256& leaf = leaves.all()[index];
      const auto path = inclusion_path(index, size, leaves.reader());
      ASSERT_TRUE(path.ok());
      EXPECT_TRUE(inclusion_holds(leaf, index, size, *path, root)) << index << " of " << size;
      EXPECT_FALSE(inclusion_holds(leaf_hash("other"), index, size, *path, root));
      EXPECT_FALSE(inclusion_holds(leaf, index, size, *path, leaf_hash("other")));
      EXPECT_FALSE(inclusion_holds(leaf, size, size, *path, root));
      if (size > 1) {
        EXPECT_FALSE(inclusion_holds(leaf, (index + 1) % size, size, *path, root));
      }
    }
  }
}

TEST(Merkle, EveryConsistencyProofHoldsAndNoRewrittenPastPasses) {
  constexpr std::uint64_t kSizes = 40;
  const Leaves leaves(kSizes);
  for (std::uint64_t size = 1; size <= kSizes; ++size) {
    for (std::uint64_t older = 1; older <= size; ++older) {
      const auto path = consistency_path(older, size, leaves.reader());
      ASSERT_TRUE(path.ok());
      const Sha256 before = leaves.root(older);
      const Sha256 now = leaves.root(size);
      EXPECT_TRUE(consistency_holds(older, before, size, now, *path)) << older << " " << size;
      EXPECT_FALSE(consistency_holds(older, leaf_hash("other"), size, now, *path));
      EXPECT_FALSE(consistency_holds(older, before, size, leaf_hash("other"), *path));
      auto longer = *path;
      longer.push_back(now);
      EXPECT_FALSE(consistency_holds(older, before, size, now, longer));
    }
  }
  EXPECT_FALSE(consistency_holds(0, sha256(""), 4, leaves.root(4), {}));
  EXPECT_FALSE(consistency_holds(5, leaves.root(5), 4, leaves.root(4), {}));
}

TEST(Merkle, AFlippedBitAnywhereInAProofIsFound) {
  constexpr std::uint64_t kSize = 1000;
  const Leaves leaves(kSize);
  Prng prng(7);
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t index = prng.below(kSize);
    auto path = inclusion_path(index, kSize, leaves.reader());
    ASSERT_TRUE(path.ok() && !path->empty());
    const std::uint64_t bit = prng.below(path->size() * 256);
    (*path)[bit / 256][bit % 256 / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(inclusion_holds(leaves.all()[index], index, kSize, *path, leaves.root(kSize)));
  }
}

TEST(Merkle, AReaderThatFailsFailsTheProof) {
  const NodeReader broken = [](unsigned, std::uint64_t) -> Result<Sha256> {
    return make_error(ErrorCode::corrupt, "damaged block");
  };
  EXPECT_EQ(inclusion_path(3, 8, broken).error().context, "damaged block");
  EXPECT_EQ(consistency_path(3, 8, broken).error().context, "damaged block");
  EXPECT_EQ(root_of(8, broken).error().context, "damaged block");
}

}  // namespace
}  // namespace cryobank::inventory
