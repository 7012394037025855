/** Where an ONNX file and its external data lie together, by the rules of each system. */
import { posix, win32 } from 'node:path';
import { expect, it } from 'vitest';
import { commonFolder } from '../../../engine/onnx/source/model-files';

it.each([
  [['/m/onnx/model.onnx'], '/m/onnx'],
  [['/m/onnx/model.onnx', '/m/onnx/model.onnx_data'], '/m/onnx'],
  [['/cache/blobs/1', '/cache/snapshots/x/model.onnx_data'], '/cache'],
  [['/m/model.onnx', '/models/data'], '/'],
  [['/m/model.onnx', '/m/..data'], '/m'],
])('%j are below %s', (paths, folder) => {
  expect(commonFolder(paths, posix)).toBe(folder);
});

it.each([
  [['C:\\m\\model.onnx', 'C:\\m\\model.onnx_data'], 'C:\\m'],
  [['C:\\m\\onnx\\model.onnx', 'c:\\m\\data\\model.onnx_data'], 'C:\\m'],
  [['C:\\Models\\m\\model.onnx', 'C:\\models\\m\\model.onnx_data'], 'C:\\Models\\m'],
  [['C:\\a\\model.onnx', 'C:\\b\\data'], 'C:\\'],
  [['\\\\server\\share\\a\\model.onnx', '\\\\server\\share\\b\\data'], '\\\\server\\share\\'],
])('%j are below %s on Windows', (paths, folder) => {
  expect(commonFolder(paths, win32)).toBe(folder);
});

it.each([
  [['C:\\m\\model.onnx', 'D:\\m\\model.onnx_data']],
  [['C:\\m\\model.onnx', '\\\\server\\share\\model.onnx_data']],
  [['\\\\server\\one\\model.onnx', '\\\\server\\two\\model.onnx_data']],
])('%j have none on Windows, and that is said', (paths) => {
  expect(() => commonFolder(paths, win32)).toThrow(
    expect.objectContaining({ name: 'EngineError', code: 'external-data-apart' }),
  );
});
