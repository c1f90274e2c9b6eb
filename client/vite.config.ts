/**
 * Builds the client into client/dist, which the gateway serves. `vite --config client/vite.config.ts` develops
 * against a running gateway on port 3000.
 */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { precompiledDocuments } from './precompiled-documents.ts';

const gateway = 'http://127.0.0.1:3000';

export default defineConfig(({ command }) => {
  // Tests and CI set another NODE_ENV; React would be built in its slow development form.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    root: fileURLToPath(new URL('.', import.meta.url)),
    plugins: [precompiledDocuments(), react()],
    // Nothing inline: the content policy of the gateway names only its own origin.
    build: { outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, reportCompressedSize: false, chunkSizeWarningLimit: 800 },
    server: { proxy: { '/graphql': { target: gateway, ws: true }, '/sandbox': gateway, '/api': gateway } },
  };
});
