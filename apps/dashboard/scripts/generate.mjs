/**
 * Writes src/generated: types of every operation in src/operations, made from the API's committed schema.
 * The generator runs as a library; nothing is fetched.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { buildSchema, parse } from 'graphql';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const schemaPath = path('../../api/schema.graphql');
const operationsPath = path('../src/operations/');
const outputPath = path('../src/generated/');

const schemaText = await readFile(schemaPath, 'utf8');
const files = (await readdir(operationsPath)).filter((name) => name.endsWith('.graphql')).sort();
const documents = await Promise.all(
  files.map(async (name) => {
    const rawSDL = await readFile(operationsPath + name, 'utf8');
    return { location: operationsPath + name, rawSDL, document: parse(rawSDL) };
  }),
);

const sections = await preset.buildGeneratesSection({
  baseOutputDir: outputPath,
  schema: parse(schemaText),
  schemaAst: buildSchema(schemaText),
  documents,
  documentTransforms: [],
  plugins: [],
  pluginMap: {},
  pluginContext: {},
  presetConfig: { fragmentMasking: false },
  config: {
    // Operations travel as text: the browser needs no GraphQL parser.
    documentMode: 'string',
    enumsAsTypes: true,
    useTypeImports: true,
    strictScalars: true,
    scalars: { DateTime: 'string', JSON: 'unknown' },
  },
});

await rm(outputPath, { recursive: true, force: true });
await mkdir(outputPath, { recursive: true });
// The operations live in .graphql files, so the preset's map of inline query texts is not needed.
for (const section of sections.filter(({ filename }) => filename.endsWith('/graphql.ts'))) {
  await writeFile(section.filename, await codegen({ ...section, pluginContext: {} }));
}
console.log(
  `src/generated: ${files.length} operation files against ${schemaText.split('\n').length} lines of schema`,
);
