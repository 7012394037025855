/** ONNX element types, by the numbers of TensorProto.DataType. */
export const DataType = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
  BFLOAT16: 16,
  UINT4: 21,
  INT4: 22,
} as const;

const NAMES = new Map<number, string>(Object.entries(DataType).map(([name, id]) => [id, name.toLowerCase()]));
const BITS = new Map<number, number>([
  [DataType.FLOAT, 32],
  [DataType.UINT8, 8],
  [DataType.INT8, 8],
  [DataType.UINT16, 16],
  [DataType.INT16, 16],
  [DataType.INT32, 32],
  [DataType.INT64, 64],
  [DataType.BOOL, 8],
  [DataType.FLOAT16, 16],
  [DataType.DOUBLE, 64],
  [DataType.UINT32, 32],
  [DataType.UINT64, 64],
  [DataType.BFLOAT16, 16],
  [DataType.UINT4, 4],
  [DataType.INT4, 4],
]);

export function dataTypeName(dataType: number): string {
  return NAMES.get(dataType) ?? `type ${dataType}`;
}

/** Bytes of a tensor of this type and shape; undefined for types without a fixed size. */
export function byteLength(dataType: number, dims: readonly number[]): number | undefined {
  const bits = BITS.get(dataType);
  if (bits === undefined) return undefined;
  return Math.ceil((dims.reduce((product, dim) => product * dim, 1) * bits) / 8);
}
