import { fileURLToPath } from 'node:url';

// Nothing about the use of this product leaves the machine; the builder reads this after this file.
process.env.NEXT_TELEMETRY_DISABLED = '1';

const workspaceRoot = fileURLToPath(new URL('../../', import.meta.url));

/** In development only: the address of a running API, so that `next dev` can stand on a port of its own. */
const apiUrl = process.env.FREESTYLE_API_URL;

/** @type {import('next').NextConfig} */
export default {
  // `next dev` must not write files into the repository.
  agentRules: false,
  poweredByHeader: false,
  reactStrictMode: true,
  productionBrowserSourceMaps: false,
  // The build stays quick; `npm run typecheck` checks the types.
  typescript: { ignoreBuildErrors: true },
  // Pictures come from the API in the sizes that the pages ask for; no second resizer is needed.
  images: { unoptimized: true },
  turbopack: { root: workspaceRoot },
  experimental: { optimizePackageImports: ['@mantine/core', '@mantine/hooks'] },
  ...(apiUrl && process.env.NODE_ENV === 'development'
    ? {
        rewrites: async () =>
          [
            '/graphql/:path*',
            '/healthz',
            '/incoming/:path*',
            '/session',
            '/uploads/:path*',
            '/files/:path*',
            '/thumbnails/:path*',
            '/jobs/:path*',
            '/exports/:path*',
          ].map((source) => ({
            source,
            destination: `${apiUrl}${source}`,
          })),
      }
    : {}),
};
