// A picture with a palette of at most 256 colours, a third of the size: pages have few colours. Reads
// what Chromium writes (8 bit, no interlace, RGB or RGBA) and refuses anything else.
import { deflateSync, inflateSync } from "node:zlib";

const kMagic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const kPalette = 256;

interface Image {
  width: number;
  height: number;
  rgb: Uint8Array;
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

function decode(png: Buffer): Image {
  if (!png.subarray(0, 8).equals(kMagic)) throw new Error("expected a PNG");
  const [width, height, bits, kind, interlace] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25], png[28]];
  if (bits !== 8 || (kind !== 2 && kind !== 6) || interlace !== 0) throw new Error(`expected 8 bit RGB or RGBA without interlace, came ${bits} bit of kind ${kind}`);
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(data));
  const bytes = kind === 6 ? 4 : 3;
  const row = width * bytes;
  const line = new Uint8Array(row);
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; ++y) {
    const filter = raw[y * (row + 1)];
    const above = line.slice();
    for (let x = 0; x < row; ++x) {
      const [a, b, c] = [x >= bytes ? line[x - bytes]! : 0, above[x]!, x >= bytes ? above[x - bytes]! : 0];
      const guess = filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : filter === 4 ? paeth(a, b, c) : 0;
      line[x] = (raw[y * (row + 1) + 1 + x]! + guess) & 255;
    }
    for (let x = 0; x < width; ++x) rgb.set(line.subarray(x * bytes, x * bytes + 3), (y * width + x) * 3);
  }
  return { width, height, rgb };
}

// The most frequent colours; every other one becomes the nearest of them.
function indexed(image: Image): { palette: number[]; pixels: Uint8Array } {
  const counts = new Map<number, number>();
  const coarse = (i: number) => ((image.rgb[i]! & 0xf8) << 16) | ((image.rgb[i + 1]! & 0xf8) << 8) | (image.rgb[i + 2]! & 0xf8);
  const exact = (i: number) => (image.rgb[i]! << 16) | (image.rgb[i + 1]! << 8) | image.rgb[i + 2]!;
  for (let i = 0; i < image.rgb.length; i += 3) {
    const color = exact(i);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  // One of each coarse colour first, so that rare signs (a red limit) keep theirs.
  const seen = new Set<number>();
  const palette: number[] = [];
  for (const [color] of [...counts].sort((a, b) => b[1] - a[1])) {
    const group = color & 0xf0f0f0;
    if (palette.length < kPalette && !seen.has(group)) palette.push(color);
    seen.add(group);
  }
  const near = new Map<number, number>();
  const nearest = (color: number): number => {
    let best = 0;
    let least = Infinity;
    for (const [index, one] of palette.entries()) {
      const far = ((one >> 16) - (color >> 16)) ** 2 + (((one >> 8) & 255) - ((color >> 8) & 255)) ** 2 + ((one & 255) - (color & 255)) ** 2;
      if (far < least) [best, least] = [index, far];
    }
    return best;
  };
  const pixels = new Uint8Array(image.width * image.height);
  for (let i = 0; i < pixels.length; ++i) {
    const color = counts.get(exact(i * 3))! > 400 ? exact(i * 3) : coarse(i * 3);
    if (!near.has(color)) near.set(color, nearest(color));
    pixels[i] = near.get(color)!;
  }
  return { palette, pixels };
}

const kCrc = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; ++k) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
function chunk(type: string, body: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from(type, "latin1"), body]);
  let crc = 0xffffffff;
  for (const byte of data) crc = kCrc[(crc ^ byte) & 255]! ^ (crc >>> 8);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return Buffer.concat([length, data, sum]);
}

export function small(png: Buffer): Buffer {
  const image = decode(png);
  const { palette, pixels } = indexed(image);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(image.width, 0);
  head.writeUInt32BE(image.height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const lines = Buffer.alloc((image.width + 1) * image.height);
  for (let y = 0; y < image.height; ++y) lines.set(pixels.subarray(y * image.width, (y + 1) * image.width), y * (image.width + 1) + 1);
  return Buffer.concat([kMagic, chunk("IHDR", head), chunk("PLTE", Buffer.from(palette.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]))),
    chunk("IDAT", deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}
