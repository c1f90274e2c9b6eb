/**
 * Replaces each `graphql(`…`)` by the document that codegen compiled from it, at build time: the texts and the lookup
 * table behind `graphql` never reach the browser. (What @graphql-codegen's own SWC and Babel plugins do, for Vite.)
 */
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const CALL = /\bgraphql\(\s*`\s*(query|mutation|subscription|fragment)\s+(\w+)[^`]*`,?\s*\)/g;

export function precompiledDocuments(): Plugin {
  const documents = fileURLToPath(new URL('generated/graphql.ts', import.meta.url));
  return {
    name: 'precompiled-documents',
    enforce: 'pre',
    transform(code, id) {
      if (!/\.tsx?$/.test(id) || id.includes('/generated/') || !code.includes('graphql(`')) return null;
      const names = new Set<string>();
      const replaced = code.replace(CALL, (_call, kind: string, name: string) => {
        const document = `${name}${kind === 'fragment' ? 'FragmentDoc' : 'Document'}`;
        names.add(document);
        return document;
      });
      if (replaced.includes('graphql(`')) throw new Error(`${id} has a document that is not one named operation or fragment.`);
      return { code: `import { ${[...names].join(', ')} } from ${JSON.stringify(documents)};\n${replaced}`, map: null };
    },
  };
}
