// Writes an export of the journal, or a proof, as files; and reads an export back. What a verifier
// needs lies together: journal.jsonl (one entry a line), checkpoint.txt (signed over all of it),
// key.txt (the verifier key). The journal is checked on the way and never signed when it
// contradicts itself or a checkpoint signed before.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/record/export.hpp"
#include "inventory/record/proof.hpp"
#include "inventory/record/sign_io.hpp"
#include "inventory/record/verify.hpp"

namespace cryobank::inventory {

inline constexpr std::string_view kExportJournal = "journal.jsonl";
inline constexpr std::string_view kExportCheckpoint = "checkpoint.txt";
inline constexpr std::string_view kExportKey = "key.txt";

// `rows` may be a store or a snapshot of one that is in use. Makes `directory` if it is absent.
Result<Checkpoint> export_journal(const RowScan& rows, const SigningKey& key,
                                  const std::string& directory);

// Signs a checkpoint over the journal as it is and writes one proof file. REQUIRES:
// !subjects.empty()
Status export_proof(const RowScan& rows, const std::vector<std::string>& subjects,
                    const SigningKey& key, const std::string& path);

// Each line of an export, without its line end. An Error of `visit` ends the reading. A last line
// without an end is a line, too, unless only whole ones are wanted: the journal's copy of a daemon
// that was killed may end in a torn one.
enum class LastLine : std::uint8_t { any, whole };
Status read_export(const std::string& journal_path,
                   const std::function<Status(std::string_view)>& visit,
                   LastLine last = LastLine::any);

// Checks the journal of a store against its head, its tree and its own signed checkpoints.
Result<VerifyReport> verify_record(const RowScan& rows, const VerifierKey& key);

// Checks an export by its own files and checkpoints that others kept. An Error is a file that
// cannot be read or a signature that does not hold; the report names a changed entry.
Result<VerifyReport> verify_export(const std::string& directory, const VerifierKey& key,
                                   const std::vector<std::string>& witnessed_notes = {});

}  // namespace cryobank::inventory
