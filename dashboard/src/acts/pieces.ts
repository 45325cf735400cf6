// A list that is too long for one command goes to the daemon in pieces of whole lines, each checked by
// it; the command then names the list and the sum that the daemon made of all of it.
import type { Reply } from "../edge/connection";
import { str, type Obj } from "../state/read";

export const kOneCommand = 200_000; // bytes of a list that still goes in the command itself
const kPiece = 200_000; // of at most 262,144 (docs/commands.md, bulk/piece)

export function piecesOf(csv: string, most = kPiece): string[] {
  const pieces: string[] = [];
  const encoder = new TextEncoder();
  let piece = "";
  let size = 0;
  for (const line of csv.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const bytes = encoder.encode(line).length;
    if (size > 0 && size + bytes > most) {
      pieces.push(piece);
      piece = "";
      size = 0;
    }
    piece += line;
    size += bytes;
  }
  if (piece !== "") pieces.push(piece);
  return pieces;
}

// The body with the list named instead of held; or the reply that refused a piece.
export async function sendPieces(body: Obj, ask: (verb: string, body: Obj) => Promise<Reply>, tell: (done: number, of: number) => void): Promise<{ body: Obj } | { refused: Reply }> {
  const csv = str(body["csv"]);
  if (csv.length <= kOneCommand) return { body };
  const list = `page-${crypto.randomUUID()}`;
  const pieces = piecesOf(csv);
  let sum = "";
  for (const [i, piece] of pieces.entries()) {
    tell(i, pieces.length);
    const reply = await ask("bulk/piece", { list, piece: i + 1, csv: piece });
    if (reply.status !== "done") return { refused: reply };
    sum = str(reply.body["sha256"]);
  }
  const { csv: _sent, ...rest } = body;
  return { body: { ...rest, list, sha256: sum } };
}
