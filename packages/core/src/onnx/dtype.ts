/** Element types a graph may hold, by the names ONNX Runtime's tensors use. */
export type DType = 'float32' | 'float16' | 'int64' | 'int32' | 'uint8' | 'bool';

/** `TensorProto.DataType` codes, from the ONNX specification. */
export const onnxTypeCode: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

/** Typed array that holds the elements of each type (float16 as raw bits). */
export interface DTypeArray {
  float32: Float32Array;
  float16: Uint16Array;
  int64: BigInt64Array;
  int32: Int32Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

export type TensorData = DTypeArray[DType];
