/** What is shipped as a CycloneDX document, for tools that look for known weaknesses. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { type Metadata, readMetadata } from '../stage';
import type { Component } from './components';

/** Version 1.6, as JSON. */
export function sbom({ name, version, license }: Metadata, components: readonly Component[]): string {
  const bom = new Models.Bom();
  const own = { version, bomRef: name, licenses: licences(license) };
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, name, own);
  for (const { name, version, licence, purl } of components) {
    const known = { version, bomRef: purl ?? `${name}@${version}`, licenses: licences(licence) };
    bom.components.add(
      new Models.Component(Enums.ComponentType.Library, name, { ...known, ...(purl !== null && { purl }) }),
    );
  }
  const normalizers = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  const text = new Serialize.JsonSerializer(normalizers).serialize(bom, { sortLists: true, space: 2 });
  return `${text}\n`;
}

/** @returns the file that was written into `folder` */
export function writeSbom(root: string, folder: string, components: readonly Component[]): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'sbom.cdx.json');
  writeFileSync(file, sbom(readMetadata(root), components));
  return file;
}

function licences(expression: string): Models.LicenseRepository {
  return new Models.LicenseRepository([new Models.LicenseExpression(expression)]);
}
