import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { App } from '@skald/service-kit';

/** Built by vite.config.ts, from page/. */
const built = fileURLToPath(new URL('../dist/page', import.meta.url));

export const isPageBuilt = (): boolean => existsSync(`${built}/index.html`);

/** The page may load and ask for what is here, and nothing else; nobody may put it in a frame. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
    'require-trusted-types-for': ["'script'"],
  },
};

export function servePage(app: App): void {
  app.register(helmet, {
    contentSecurityPolicy,
    // The proxy in front that ends TLS says this for its whole host.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
  if (!isPageBuilt()) return;
  app.register(files, {
    root: built,
    wildcard: false,
    cacheControl: false,
    setHeaders(reply, path) {
      // The names of all but the page itself tell what is in them.
      const isNamedByContent = path.includes('/assets/');
      reply.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
