// Stands for the package buffer: bytes as mqtt.js and its streams use them, with text in UTF-8 alone.
const kEncoder = new TextEncoder();
const kDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

function known(encoding?: string): void {
  if (encoding && !Buffer.isEncoding(encoding)) throw new TypeError(`the page's bytes know no text in ${encoding}`);
}

export class Buffer extends Uint8Array {
  static override from(source: unknown, more?: unknown, length?: number): Buffer {
    if (typeof source === "string") {
      known(more as string | undefined);
      const bytes = kEncoder.encode(source);
      return new Buffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    if (source instanceof ArrayBuffer) return new Buffer(source, more as number | undefined, length);
    return new Buffer(source as ArrayLike<number>); // a copy
  }
  static alloc(length: number): Buffer {
    return new Buffer(length);
  }
  static allocUnsafe(length: number): Buffer {
    return new Buffer(length);
  }
  static isBuffer(value: unknown): value is Buffer {
    return value instanceof Buffer;
  }
  static isEncoding(encoding: string): boolean {
    return /^(utf-?8|binary|buffer)$/i.test(encoding); // the latter two of bytes that go through as they are
  }
  static byteLength(value: string | ArrayBufferView): number {
    return typeof value === "string" ? kEncoder.encode(value).length : value.byteLength;
  }
  static concat(list: Uint8Array[], length = list.reduce((sum, one) => sum + one.length, 0)): Buffer {
    const all = new Buffer(length);
    let at = 0;
    for (const one of list) {
      all.set(one, at);
      at += one.length;
    }
    return all;
  }
  // A view of the same bytes, as Node's; a typed array's own slice copies.
  override slice(start?: number, end?: number): Buffer {
    return this.subarray(start, end) as Buffer;
  }
  copy(to: Uint8Array, at = 0, start = 0, end = this.length): number {
    const part = this.subarray(start, Math.min(end, start + to.length - at));
    to.set(part, at);
    return part.length;
  }
  write(text: string, at = 0): number {
    return kEncoder.encodeInto(text, this.subarray(at)).written;
  }
  override toString(encoding?: string, start?: number, end?: number): string {
    known(encoding);
    return kDecoder.decode(this.subarray(start, end));
  }
  readUInt8(at = 0): number {
    return this.number(at, 1);
  }
  readUInt16BE(at = 0): number {
    return this.number(at, 2);
  }
  readUInt32BE(at = 0): number {
    return this.number(at, 4);
  }
  writeUInt8(value: number, at = 0): number {
    this[at] = value;
    return at + 1;
  }
  writeUInt32BE(value: number, at = 0): number {
    for (let i = 0; i < 4; ++i) this[at + i] = value >>> (24 - 8 * i);
    return at + 4;
  }
  // Past the end is a fault, never a number.
  private number(at: number, bytes: number): number {
    if (at < 0 || at + bytes > this.length) throw new RangeError(`${bytes} bytes at ${at} of ${this.length}`);
    let value = 0;
    for (let i = 0; i < bytes; ++i) value = value * 256 + this[at + i]!;
    return value;
  }
}
