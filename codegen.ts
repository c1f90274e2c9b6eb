/**
 * schema.graphql and the documents beside the components -> client/generated. Documents are compiled here so that
 * the browser parses none; fragments are masked at run time by Apollo (`dataMasking`), their types by `$fragmentRefs`.
 */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: './schema.graphql',
  documents: ['client/**/*.{ts,tsx}', '!client/generated/**', '!client/dist/**'],
  ignoreNoDocuments: true,
  generates: {
    './client/generated/operations.json': { plugins: ['./scripts/operations-plugin.mjs'] },
    './client/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false, persistedDocuments: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        inlineFragmentTypes: 'mask',
        customDirectives: { apolloUnmask: true },
        nonOptionalTypename: true,
        skipTypeNameForRoot: true,
        strictScalars: true,
        scalars: { DateTime: 'string', TimeZone: 'string', Cursor: 'string' },
      },
    },
  },
};

export default config;
