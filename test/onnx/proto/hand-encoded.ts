/** Models that are encoded by hand, by the field numbers of onnx.proto, and read. */
import type { ByteSource } from '../../../engine/onnx/proto/byte-source';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { WireWriter } from '../../../engine/onnx/proto/wire-writer';

export const ofBytes = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});

/** ModelProto { ir_version (1), graph (7), opset_import (8) }. */
export function modelOf(graph: (graph: WireWriter) => void): Uint8Array {
  return new WireWriter()
    .varint(1, 8)
    .message(7, graph)
    .message(8, (opset) => opset.varint(2, 17))
    .message(8, (opset) => opset.text(1, 'com.microsoft').varint(2, 1))
    .finish();
}
export const read = (graph: (graph: WireWriter) => void) => readOnnxModel(ofBytes(modelOf(graph)));
