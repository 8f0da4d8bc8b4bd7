import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const outDir = join(import.meta.dirname, '..', 'build', 'web');

/** The pages /docs and /redoc of the server load these by name, so they are copied and not bundled. */
const vendorFiles: readonly (readonly [string, string])[] = [
  ['swagger-ui-dist/swagger-ui.css', 'swagger-ui/swagger-ui.css'],
  ['swagger-ui-dist/swagger-ui-bundle.js', 'swagger-ui/swagger-ui-bundle.js'],
  ['redoc/bundles/redoc.standalone.js', 'redoc/redoc.standalone.js'],
];

function copyVendorFiles(): Plugin {
  return {
    name: 'copy-vendor-files',
    apply: 'build',
    closeBundle() {
      for (const [from, to] of vendorFiles) {
        cpSync(join(import.meta.dirname, 'node_modules', from), join(outDir, 'vendor', to), { dereference: true });
      }
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [copyVendorFiles()],
  worker: { format: 'es' },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // a data: URL would be a request the content policy refuses for scripts
    chunkSizeWarningLimit: 1500,
    // The map's worker is an asset; under the name .mjs some servers would not call it JavaScript.
    rolldownOptions: {
      output: {
        assetFileNames: ({ names }) =>
          names[0]?.endsWith('.mjs') ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]',
      },
    },
  },
  // For work on the page: `npx vite` beside a running `seine serve`.
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(['/api', '/tiles', '/openapi.json'].map((path) => [path, 'http://127.0.0.1:8000'])),
  },
});
