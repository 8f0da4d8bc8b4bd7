import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defineConfig, type HtmlTagDescriptor, type Plugin } from 'vite';

const outDir = join(import.meta.dirname, '..', 'build', 'web');

/** The pages /docs and /redoc of the server load these by name, so they are copied and not bundled. */
const vendorFiles: readonly (readonly [string, string])[] = [
  ['swagger-ui-dist/swagger-ui.css', 'swagger-ui/swagger-ui.css'],
  ['swagger-ui-dist/swagger-ui-bundle.js', 'swagger-ui/swagger-ui-bundle.js'],
  ['redoc/bundles/redoc.standalone.js', 'redoc/redoc.standalone.js'],
];

/** Redoc asks its maker's host for a logo, and this page asks no other host for anything. */
const OUTSIDE_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const NO_PICTURE = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

function copyVendorFiles(): Plugin {
  return {
    name: 'copy-vendor-files',
    apply: 'build',
    closeBundle() {
      for (const [from, to] of vendorFiles) {
        const target = join(outDir, 'vendor', to);
        mkdirSync(dirname(target), { recursive: true });
        const text = readFileSync(join(import.meta.dirname, 'node_modules', from), 'utf8');
        writeFileSync(target, text.replaceAll(OUTSIDE_LOGO, NO_PICTURE));
      }
    },
  };
}

/** Nearly every visit begins with the map: its program is asked for with the page, not when the page's own has run. */
function preloadMap(): Plugin {
  return {
    name: 'preload-map',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle }) {
        const chunk = Object.values(bundle ?? {}).find((one) => one.type === 'chunk' && one.name === 'map_view');
        if (chunk?.type !== 'chunk') throw new Error('the map is no chunk of its own any more');
        const style = [...(chunk.viteMetadata?.importedCss ?? [])];
        return [
          link('modulepreload', 'script', chunk.fileName),
          ...style.map((name) => link('preload', 'style', name)),
        ];
      },
    },
  };
}

function link(rel: string, as: string, name: string): HtmlTagDescriptor {
  return { tag: 'link', injectTo: 'head', attrs: { rel, as, crossorigin: true, href: `./${name}` } };
}

export default defineConfig({
  base: './',
  plugins: [copyVendorFiles(), preloadMap()],
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
