// The three streams that mqtt.js is made of, without what only other users of readable-stream need
// (operators, pipelines, web streams, iterators).
import Duplex from "readable-stream/lib/internal/streams/duplex";
import Readable from "readable-stream/lib/internal/streams/readable";
import Transform from "readable-stream/lib/internal/streams/transform";
import Writable from "readable-stream/lib/internal/streams/writable";

export { Duplex, Readable, Transform, Writable };
