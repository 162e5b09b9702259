/** @file Formats that several modules share: data files by ending, protobuf, ZIP, JSON Schema types, YAML of other programs, shell words. */
export {
  type Compression,
  type DataFileFormat,
  dataEndings,
  dataEndingsText,
  dataFormatOf,
  dataFormats,
  endingsOfFormat,
  escapedDataEndings,
  foundEndings,
  isFoundAsData,
  rowsIn,
} from "./data-files.ts";
export { isOfJsonType, type JsonType, jsonTypes, resolveReference } from "./json-schema.ts";
export { BrokenMessage, fieldsIn, MessageFields, textOf } from "./read-protobuf.ts";
export { shellWord } from "./shell-word.ts";
export { MessageWriter } from "./write-protobuf.ts";
export { writeZip } from "./write-zip.ts";
export { readYamlTexts, yamlTooDeepAt } from "./yaml-texts.ts";
export {
  directoryStart,
  findZipEnd,
  localHeaderBytes,
  readLocalHeader,
  readZipEnd,
  type ZipEntry,
  zip64,
  zipEntries,
  zipMethods,
  zipTailBytes,
} from "./zip.ts";
