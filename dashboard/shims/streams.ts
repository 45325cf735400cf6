// The three streams that mqtt.js is made of, without what only other users of readable-stream need
// (operators, pipelines, web streams, iterators).
import { Buffer } from "./buffer";
import { Stream } from "readable-stream/lib/internal/streams/legacy";
import Duplex from "readable-stream/lib/internal/streams/duplex";
import Readable from "readable-stream/lib/internal/streams/readable";
import Transform from "readable-stream/lib/internal/streams/transform";
import Writable from "readable-stream/lib/internal/streams/writable";

// What the whole package's first file says of bytes; without it a socket that breaks off throws.
Object.assign(Stream, {
  _isUint8Array: (value: unknown): boolean => value instanceof Uint8Array,
  _uint8ArrayToBuffer: (bytes: Uint8Array): unknown => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
});

export { Duplex, Readable, Transform, Writable };
